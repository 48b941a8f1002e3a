import { type Context, createRule, type ScopedMemoryRule } from '../rule-kit/create-rule.ts'
import { readScopeOptions, type ScopeOptions, scopeSchema } from '../rule-kit/options.ts'
import { type MessageId, messages } from '../user-scope/messages.ts'
import { reportUnscopedCalls } from '../user-scope/unscoped-calls.ts'

export const requireUserScope: ScopedMemoryRule = createRule({
  name: 'require-user-scope',
  docs: {
    description: 'Require every call on a mem0 client to name exactly one user',
    presets: ['recommended', 'strict'],
  },
  messages,
  hasSuggestions: true,
  schema: scopeSchema,
  create(context: Context<MessageId, readonly [ScopeOptions?]>) {
    const options = readScopeOptions(context)
    const { text } = context.sourceCode
    if (!options?.marks.some((mark) => text.includes(mark))) return {}
    return reportUnscopedCalls(context, options)
  },
})
