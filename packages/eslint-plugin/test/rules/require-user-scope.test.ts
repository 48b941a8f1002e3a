import { rules } from '../../src/rules/index.ts'
import { RuleTester } from '../rule-tester.ts'

const tester = new RuleTester()
const client = `import { MemoryClient } from 'mem0ai'\nconst client = new MemoryClient({ apiKey })\n`

tester.run('require-user-scope', rules['require-user-scope'] as never, {
  valid: [
    `import { ScopedMemory } from '@scoped-memory/core'
     const memory = new ScopedMemory(userId)
     await memory.add(messages, { agentId: 'assistant' })
     await memory.search('q')
     await memory.get(id)`,
    `${client}await client.search('q', { filters: { user_id: userId } })`,
    `${client}await client.add(messages, { userId })`,
  ],
  invalid: [
    {
      code: `${client}await client.add(messages, { agentId: 'assistant' })`,
      errors: [
        {
          messageId: 'otherScope',
          data: { method: 'add', given: 'agentId', write: '{ userId }' },
          line: 3,
          column: 7,
        },
      ],
    },
    {
      code: `${client}await client.search('q', { filters: { user_id: '*' } })`,
      errors: [
        {
          messageId: 'wildcardUser',
          data: { method: 'search', write: '{ filters: { user_id: userId } }' },
          line: 3,
          column: 7,
        },
      ],
    },
    {
      code: `${client}await client.get(id)`,
      errors: [{ messageId: 'bareMemoryId', data: { method: 'get' }, line: 3, column: 7 }],
    },
  ],
})
