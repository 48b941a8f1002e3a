import type { TSESTree } from '@typescript-eslint/utils'
import { literalString, type Node } from '../analysis/syntax.ts'
import type { ClientDescription } from '../clients/client-description.ts'
import { isClientClass } from '../clients/client-values.ts'
import { isMem0 } from '../clients/mem0.ts'
import { allowedIn } from '../rule-kit/allow-in.ts'
import { clientSchema } from '../rule-kit/client-schema.ts'
import { clientsOf, type NamedClients } from '../rule-kit/clients.ts'
import { type Context, createRule, type ScopedMemoryRule } from '../rule-kit/create-rule.ts'

interface Options {
  readonly allowIn?: readonly string[]
  readonly clients?: NamedClients
}

export const noDirectClient: ScopedMemoryRule = createRule({
  name: 'no-direct-client',
  docs: {
    description: 'Disallow importing a mem0 client outside the files that may build one',
    presets: ['strict', 'strictTypeChecked'],
  },
  messages: {
    direct: `{{name}} from "{{module}}" reaches every user's memories. Build it in one file, list that file under "allowIn", and use a ScopedMemory everywhere else.`,
    clientDirect: `{{name}} from "{{module}}" reaches every user's records. Build it in one file, list that file under "allowIn", and import from there what is bound to one user.`,
  },
  schema: clientSchema({}),
  create(context: Context<'direct' | 'clientDirect', readonly [Options?]>) {
    const { allowIn, clients: own } = context.options[0] ?? {}
    const { sourceCode } = context
    // A general database is imported for much that has nothing to do with users.
    const clients = clientsOf(context, own).filter(({ tables }) => tables === undefined)
    const mentioned = clients.some(({ modules }) =>
      modules.some((module) => sourceCode.text.includes(module)),
    )
    if (!mentioned || allowedIn(context, allowIn)) return {}

    const from = (module: unknown): readonly ClientDescription[] =>
      clients.filter(({ modules }) => typeof module === 'string' && modules.includes(module))

    function report(node: Node, name: string, module: unknown): void {
      const messageId = from(module).some(isMem0) ? 'direct' : 'clientDirect'
      context.report({ node, messageId, data: { name, module: String(module) } })
    }

    function checkSource(node: Node, source: Node | undefined): void {
      const module = literalString(source)
      if (from(module).length > 0) report(node, 'A client', module)
    }

    /** Whether an import is used as a value: a class that only types mention builds nothing. */
    function isUsed(specifier: TSESTree.ImportClause): boolean {
      const [variable] = sourceCode.getDeclaredVariables(specifier)
      if (!variable || variable.references.length === 0) return true
      return variable.references.some(
        (reference) => (reference as { isValueReference?: boolean }).isValueReference ?? true,
      )
    }

    function checkImport(node: TSESTree.ImportDeclaration): void {
      const module = node.source.value
      const known = node.importKind === 'type' ? [] : from(module)
      for (const specifier of known.length > 0 ? node.specifiers : []) {
        const name =
          specifier.type === 'ImportSpecifier'
            ? specifier.importKind === 'type'
              ? undefined
              : nameOf(specifier.imported)
            : specifier.type === 'ImportDefaultSpecifier'
              ? 'default'
              : '*'
        const isClient = name === '*' || (name && known.some((client) => isClientClass(client, [name])))
        if (isClient && isUsed(specifier)) report(specifier, specifier.local.name, module)
      }
    }

    function checkReexport(node: TSESTree.ExportNamedDeclaration): void {
      const known = node.source && node.exportKind !== 'type' ? from(node.source.value) : []
      for (const specifier of known.length > 0 ? node.specifiers : []) {
        const name = nameOf(specifier.local)
        if (specifier.exportKind !== 'type' && known.some((client) => isClientClass(client, [name])))
          report(specifier, name, node.source?.value)
      }
    }

    return {
      ImportDeclaration: checkImport,
      ExportNamedDeclaration: checkReexport,
      ExportAllDeclaration(node) {
        if (node.exportKind !== 'type' && from(node.source.value).length > 0)
          report(node, 'Everything', node.source.value)
      },
      ImportExpression: (node) => {
        checkSource(node, node.source)
      },
      TSExternalModuleReference: (node) => {
        checkSource(node, node.expression)
      },
      CallExpression(node) {
        if (node.callee.type === 'Identifier' && node.callee.name === 'require')
          checkSource(node, node.arguments[0])
      },
    }
  },
})

const nameOf = (node: TSESTree.Identifier | TSESTree.StringLiteral): string =>
  node.type === 'Identifier' ? node.name : node.value
