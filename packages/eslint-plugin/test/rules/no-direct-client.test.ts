import { type InvalidCase, invalid, testRule } from '../rule-tester.ts'

const direct = (name: string, module: string, code: string): InvalidCase =>
  invalid(code, { messageId: 'direct', data: { name, module } })

testRule('no-direct-client', {
  valid: [
    `import type { MemoryClient } from 'mem0ai'; export const use = (client: MemoryClient) => client`,
    `import { type MemoryClient } from 'mem0ai'; export const use = (client: MemoryClient) => client`,
    `import { MemoryClient } from 'mem0ai'; export const use = (client: MemoryClient) => client`,
    `import { RateLimitError, MemoryNotFoundError } from 'mem0ai'; throw new RateLimitError()`,
    `import { LLMFactory } from 'mem0ai/oss'; LLMFactory.create('openai', {})`,
    `export type { MemoryClient } from 'mem0ai'`,
    `export { RateLimitError } from 'mem0ai'`,
    `import { MemoryClient } from '@acme/memory'; new MemoryClient()`,
    `import { ScopedMemory } from '@scoped-memory/core'; new ScopedMemory(id)`,
    `const { MemoryClient } = require('./mem0ai'); new MemoryClient()`,
    `await import('@scoped-memory/core')`,
    {
      code: `import { MemoryClient } from 'mem0ai'; export const client = new MemoryClient({})`,
      options: [{ allowIn: ['src/memory.ts'] }],
      filename: 'src/memory.ts',
    },
    { code: `require('mem0ai')`, options: [{ allowIn: ['**/*.cjs'] }], filename: 'tools/seed.cjs' },
  ],
  invalid: [
    direct('MemoryClient', 'mem0ai', `import { «MemoryClient» } from 'mem0ai'; new MemoryClient({})`),
    direct('Mem0', 'mem0ai', `import «Mem0» from 'mem0ai'; new Mem0({})`),
    direct('mem0', 'mem0ai', `import «* as mem0» from 'mem0ai'; new mem0.MemoryClient({})`),
    direct('Local', 'mem0ai/oss', `import { «Memory as Local» } from 'mem0ai/oss'; new Local()`),
    direct('PGVector', 'mem0ai/oss', `import { «PGVector» } from 'mem0ai/oss'; new PGVector({})`),
    direct('MemoryClient', 'mem0ai', `export { «MemoryClient» } from 'mem0ai'`),
    direct('Everything', 'mem0ai', `«export * from 'mem0ai'»`),
    direct('A client', 'mem0ai', `const MemoryClient = «require('mem0ai')».default`),
    direct('A client', 'mem0ai', `const { MemoryClient } = await «import('mem0ai')»`),
    direct('A client', 'mem0ai', `import mem0 = «require('mem0ai')»`),
    {
      ...direct('MemoryClient', 'mem0ai', `import { «MemoryClient» } from 'mem0ai'; new MemoryClient({})`),
      options: [{ allowIn: ['src/memory.ts'] }],
      filename: 'src/routes.ts',
    },
    {
      ...invalid(`import { «Index» } from '@acme/vectors'; new Index()`, {
        messageId: 'clientDirect',
        data: { name: 'Index', module: '@acme/vectors' },
      }),
      options: [
        {
          clients: [
            {
              modules: ['@acme/vectors'],
              classes: ['Index'],
              userKeys: ['namespace'],
              methods: { fetch: { kind: 'byId' } },
            },
          ],
        },
      ],
    },
  ],
})
