import { followImports } from '../analysis/imports.ts'
import { fileOf, typeServices } from '../analysis/type-services.ts'
import { typeShapes } from '../analysis/type-shapes.ts'
import { isModuleOf } from '../clients/client-description.ts'
import { importsClient } from '../clients/client-imports.ts'
import { lookUpClients } from '../clients/client-types.ts'
import { type Context, createRule, type ScopedMemoryRule } from '../rule-kit/create-rule.ts'
import { readScopeOptions, type ScopeOptions, scopeSchema } from '../rule-kit/options.ts'
import { type MessageId, messages } from '../user-scope/messages.ts'
import { reportUnscopedCalls } from '../user-scope/unscoped-calls.ts'

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
  create(context: Context<MessageId, readonly [ScopeOptions?]>) {
    const options = readScopeOptions(context)
    if (!options) return {}
    const services = typeServices(name, context.sourceCode)
    const { clients, marks } = options
    const mentions = (text: string): boolean => marks.some((mark) => text.includes(mark))
    if (
      !mentions(context.sourceCode.text) &&
      !importsClient(services.program, fileOf(services, context.sourceCode), clients)
    )
      return {}
    return reportUnscopedCalls(context, {
      ...options,
      lookUpReceiver: lookUpClients(services, clients),
      lookUpShape: typeShapes(services),
      imports: followImports({
        services,
        parser: context.languageOptions.parser as never,
        follows: (module) => clients.some((client) => isModuleOf(client, module)),
        mentions,
      }),
    })
  },
})
