import { checkScope } from '../user-scope/unscoped-calls.ts'
import { messages } from '../user-scope/messages.ts'
import { createRule, type ScopedMemoryRule } from '../rule-kit/create-rule.ts'
import { readScopeOptions, type ScopeOptions, scopeSchema } from '../rule-kit/options.ts'

export const requireUserScope: ScopedMemoryRule = createRule({
  name: 'require-user-scope',
  docs: {
    description: 'Require every call on a mem0 client to name exactly one user',
    presets: ['recommended', 'strict'],
  },
  messages,
  hasSuggestions: true,
  schema: scopeSchema,
  defaultOptions: [{}] as readonly [ScopeOptions?],
  create(context) {
    const options = readScopeOptions(context)
    const { text } = context.sourceCode
    if (!options?.marks.some((mark) => text.includes(mark))) return {}
    return checkScope(context, options)
  },
})
