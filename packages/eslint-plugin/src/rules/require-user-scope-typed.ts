import { followImports } from '../analysis/imports.ts'
import { checkScope } from '../user-scope/unscoped-calls.ts'
import { messages } from '../user-scope/messages.ts'
import { reachesClient } from '../clients/client-imports.ts'
import { fileOf, typeOracle, typeServices, typeShapes } from '../clients/client-types.ts'
import { createRule, type ScopedMemoryRule } from '../rule-kit/create-rule.ts'
import { readScopeOptions, type ScopeOptions, scopeSchema } from '../rule-kit/options.ts'

const name = 'require-user-scope-typed'

export const requireUserScopeTyped: ScopedMemoryRule = createRule({
  name,
  docs: {
    description: 'Require every call on a mem0 client, found by its type, to name exactly one user',
    presets: ['recommendedTypeChecked', 'strictTypeChecked'],
    requiresTypeChecking: true,
  },
  messages,
  hasSuggestions: true,
  schema: scopeSchema,
  defaultOptions: [{}] as readonly [ScopeOptions?],
  create(context) {
    const options = readScopeOptions(context)
    if (!options) return {}
    const services = typeServices(name, context.sourceCode)
    const { clients, marks } = options
    const mentions = (text: string): boolean => marks.some((mark) => text.includes(mark))
    if (
      !mentions(context.sourceCode.text) &&
      !reachesClient(services.program, fileOf(services, context.sourceCode), clients)
    )
      return {}
    const modules = new Set(clients.flatMap((client) => client.modules))
    return checkScope(context, {
      ...options,
      oracle: typeOracle(services, clients),
      shapes: typeShapes(services),
      imports: followImports({
        services,
        parser: context.languageOptions.parser as never,
        follows: (module) => modules.has(module),
        mentions,
      }),
    })
  },
})
