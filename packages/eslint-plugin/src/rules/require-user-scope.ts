import { checkScope, messages } from '../mem0/check.ts'
import { mem0Clients } from '../mem0/clients.ts'
import { createRule, type ScopedMemoryRule } from './create-rule.ts'

interface Options {
  readonly allowUnverifiable?: boolean
}

export const requireUserScope: ScopedMemoryRule = createRule({
  name: 'require-user-scope',
  docs: {
    description: 'Require every call on a mem0 client to name exactly one user',
    presets: ['recommended', 'strict'],
  },
  messages,
  schema: [
    {
      type: 'object',
      properties: { allowUnverifiable: { type: 'boolean' } },
      additionalProperties: false,
    },
  ],
  defaultOptions: [{}] as readonly [Options?],
  create(context) {
    const clients = mem0Clients
    const { text } = context.sourceCode
    const marks = clients.flatMap((client) => [...client.modules, ...(client.hosts ?? [])])
    if (!marks.some((mark) => text.includes(mark))) return {}
    const { allowUnverifiable = true } = context.options[0] ?? {}
    return checkScope(context, { clients, reportUnverifiable: !allowUnverifiable })
  },
})
