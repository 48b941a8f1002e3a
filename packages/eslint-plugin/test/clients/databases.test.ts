import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as parser from '@typescript-eslint/parser'
import { Linter } from 'eslint'
import { describe, expect, test } from 'vitest'
import plugin, { clients as known } from '../../src/index.ts'

const folder = join(import.meta.dirname, 'fixtures')

interface Options {
  readonly clients: readonly unknown[]
  readonly file?: string
  readonly strict?: boolean
}

/** What a rule reports in some code: the message, and the text it is reported at. */
function reported(rule: string, code: string, { clients, file = 'supabase.ts', strict }: Options): string[] {
  const typed = rule.endsWith('typed')
  const messages = new Linter({ cwd: folder }).verify(
    code,
    [
      {
        files: ['**/*.ts'],
        languageOptions: {
          parser,
          parserOptions: typed ? { projectService: true, tsconfigRootDir: folder } : {},
        },
        plugins: { 'scoped-memory': plugin },
        settings: { 'scoped-memory': { clients } },
        rules: { [`scoped-memory/${rule}`]: strict ? ['error', { allowUnverifiable: false }] : 'error' },
      },
    ],
    join(folder, file),
  )
  const lines = code.split('\n')
  return messages.map(
    ({ messageId, message, line, column, endColumn }) =>
      `${messageId ?? message}: ${lines[line - 1]!.slice(column - 1, (endColumn ?? column) - 1)}`,
  )
}

const typed = 'require-user-scope-typed'
const untyped = 'require-user-scope'

describe('the tables that have the user’s column', () => {
  test.each(['prisma', 'drizzle', 'supabase'])('%s: are known by their types', (name) => {
    const code = readFileSync(join(folder, `${name}.ts`), 'utf8')
    const marked = code.split('\n').flatMap((line) => {
      const [, id, text] = /\/\/ (\w+): (.+?)(?: -> .+)?$/.exec(line) ?? []
      return id ? [`client${id}: ${text}`] : []
    })
    const found = reported(typed, code, { clients: [name], file: `${name}.ts`, strict: true })
    expect(found).toEqual(marked)
  })

  test.each(['prisma', 'supabase'])('%s: are not known without types', (name) => {
    const code = readFileSync(join(folder, `${name}.ts`), 'utf8')
    expect(reported(untyped, code, { clients: [name], strict: true })).toEqual([])
  })

  test('a table that Drizzle declares in another file is known by its type, and listed without', () => {
    const code = `import { drizzle } from 'drizzle-orm/node-postgres'
      import { countries, memories } from './more/schema.ts'
      const db = drizzle('postgres://')
      await db.select().from(memories)
      await db.select().from(countries)`
    expect(reported(typed, code, { clients: ['drizzle'] })).toEqual(['clientMissingUser: db.select'])
    expect(reported(untyped, code, { clients: ['drizzle'] })).toEqual([])
    expect(reported(untyped, code, { clients: [{ ...known.drizzle, tables: ['memories'] }] })).toEqual([
      'clientMissingUser: db.select',
    ])
  })

  test('another column is one of userKeys', () => {
    const prisma = { ...known.prisma, userKeys: ['tenantId'] }
    const code = `import { PrismaClient } from './generated/prisma/client.ts'
      const prisma = new PrismaClient()
      await prisma.memory.findMany({ where: { userId } })`
    expect(reported(untyped, code, { clients: [{ ...prisma, tables: ['Memory'] }] })).toEqual([
      'clientMissingUser: prisma.memory.findMany',
    ])
    expect(reported(typed, code, { clients: [prisma] })).toEqual([])
  })
})

test.each([
  `import type { Prisma } from '@prisma/client'
   export const f = (tx: Prisma.TransactionClient) => tx.memory.findMany()`,
  `import type { PrismaClient } from '../generated/prisma/client'
   export class Memories { constructor(private tx: PrismaClient) {} all() { return this.tx.memory.findMany() } }`,
])('a type that is written out tells the client: %s', (code) => {
  expect(reported(untyped, code, { clients: [{ ...known.prisma, tables: ['memory'] }] })).toEqual([
    expect.stringMatching(/^clientMissingUser: (this\.)?tx\.memory\.findMany$/),
  ])
})

describe('what types add', () => {
  test.each([
    `import type { TransactionClient } from './generated/prisma/client.ts'
     export const f = (tx: TransactionClient) => tx.memory.findMany()`,
    `import type { MemoryDelegate } from './generated/prisma/client.ts'
     export const f = (memory: MemoryDelegate) => memory.findMany()`,
    `import { prisma } from './more/stores.ts'
     export const f = () => prisma.memory.findMany()`,
    `import { prisma } from './more/stores.ts'
     export const f = () => prisma.$transaction(async (tx) => tx.memory.findMany())`,
  ])('Prisma: %s', (code) => {
    expect(reported(typed, code, { clients: ['prisma'] })).toEqual([
      expect.stringMatching(/^clientMissingUser: (prisma|tx)?\.?memory\.findMany$/),
    ])
    expect(
      reported(typed, code.replace('findMany()', 'findMany({ where: { userId } })'), { clients: ['prisma'] }),
    ).toEqual([])
    expect(
      reported(typed, code.replaceAll(/memory\b/g, 'country').replace('Memory', 'Country'), {
        clients: ['prisma'],
      }),
    ).toEqual([])
  })

  test.each([
    `import { db } from './more/stores.ts'
     import { memories } from './more/schema.ts'
     export const f = async () => db.select().from(memories)`,
    `import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
     import { memories } from './more/schema.ts'
     export const f = async (db: NodePgDatabase) => db.select().from(memories)`,
    `import { db } from './more/stores.ts'
     import { memories } from './more/schema.ts'
     export const f = () => db.transaction(async (db) => db.select().from(memories))`,
  ])('Drizzle: %s', (code) => {
    expect(reported(typed, code, { clients: ['drizzle'] })).toEqual(['clientMissingUser: db.select'])
  })

  test('Supabase: a service key in another file', () => {
    const code = `import { anonymous, service } from './more/stores.ts'
      await service.from('memories').select()
      await anonymous.from('memories').select()
      await service.from('countries').select()`
    expect(reported(typed, code, { clients: ['supabase'] })).toEqual([
      "clientMissingUser: service.from('memories').select",
    ])
  })

  test('Redis: a client of another file', () => {
    const code = `import { redis } from './more/stores.ts'
      await redis.get('chat:latest')
      await redis.get('rates:usd')`
    expect(reported(typed, code, { clients: [{ ...known.redis, tables: ['chat:*'] }] })).toEqual([
      'clientMissingUser: redis.get',
    ])
  })
})

describe('where the id comes from', () => {
  const clients = [
    { ...known.prisma, tables: ['memory'] },
    { ...known.drizzle, tables: ['memories'] },
    { ...known.supabase, tables: ['memories'] },
    { ...known.redis, tables: ['chat:*'] },
  ]
  const prisma = `import { PrismaClient } from '@prisma/client'; const prisma = new PrismaClient();`
  const drizzle = `import { drizzle } from 'drizzle-orm/libsql'; import { eq } from 'drizzle-orm'; import { memories } from './schema'; const db = drizzle(url);`
  const supabase = `import { createClient } from '@supabase/supabase-js'; const supabase = createClient(url, serviceKey);`
  const redis = `import Redis from 'ioredis'; const redis = new Redis(); const chatKey = (id) => \`chat:\${id}\`;`
  const calls: readonly (readonly [string, (id: string) => string])[] = [
    [prisma, (id) => `prisma.memory.findMany({ where: { userId: ${id} } })`],
    [prisma, (id) => `prisma.memory.findMany({ where: { thread: { userId: ${id} } } })`],
    [prisma, (id) => `prisma.memory.create({ data: { userId: ${id} } })`],
    [drizzle, (id) => `db.select().from(memories).where(eq(memories.userId, ${id}))`],
    [drizzle, (id) => `db.insert(memories).values({ userId: ${id} })`],
    [supabase, (id) => `supabase.from('memories').select().eq('user_id', ${id})`],
    [supabase, (id) => `supabase.from('memories').select().or(\`user_id.eq.\${${id}}\`)`],
    [supabase, (id) => `supabase.from('memories').insert({ user_id: ${id} })`],
    [redis, (id) => `redis.get(\`chat:\${${id}}\`)`],
    [redis, (id) => `redis.get(chatKey(${id}))`],
  ]

  test.each(calls)('%s %o', (head, call) => {
    const route = (id: string): string => `${head} app.get('/', async (req, res) => { await ${call(id)} })`
    expect(reported('no-untrusted-user-id', route('req.query.userId'), { clients })).toEqual([
      expect.stringMatching(/^untrusted: /),
    ])
    expect(reported('no-untrusted-user-id', route('req.user.id'), { clients })).toEqual([])
    expect(reported('no-fallback-user-id', route("(user.id ?? 'anonymous')"), { clients })).toEqual([
      expect.stringMatching(/^fallback: /),
    ])
    expect(reported('no-fallback-user-id', route('user.id'), { clients })).toEqual([])
  })

  test('an id in a call about anything else is not looked at', () => {
    const code = `${prisma} ${redis}
      app.get('/', (req) => prisma.follower.findMany({ where: { userId: req.query.userId } }))
      app.post('/', (req) => redis.incr(\`attempts:\${req.body.userId}\`))`
    expect(reported('no-untrusted-user-id', code, { clients })).toEqual([])
  })
})

describe('what is not one of these clients is not looked at', () => {
  const clients = [
    { ...known.prisma, tables: ['memory'] },
    { ...known.drizzle, tables: ['memories'] },
    { ...known.supabase, tables: ['memories'] },
    { ...known.redis, tables: ['chat:*'] },
  ]
  test.each([
    `import { PrismaClient } from './own.ts'; new PrismaClient().memory.findMany()`,
    `import { PrismaClient } from '@prisma/client'; const prisma = { memory: [1] }; prisma.memory.find((one) => one)`,
    `import { PrismaClient } from '@prisma/client'; const prisma = new PrismaClient().$extends(scoped); prisma.memory.findMany()`,
    `import 'drizzle-orm/libsql'; import knex from 'knex'; const db = knex({}); db.select().from(memories); db.delete(memories)`,
    `import '@supabase/supabase-js'; Array.from('memories').select(); Buffer.from('memories').select()`,
    `import { createBrowserClient } from '@supabase/ssr'; import '@supabase/supabase-js'; createBrowserClient(url, serviceKey).from('memories').select()`,
    `import 'ioredis'; new Map().get('chat:latest'); cache.get('chat:latest'); localStorage.get('chat:latest')`,
    `import { createClient } from 'redis'; import { createClient as other } from './own.ts'; other().get('chat:latest')`,
  ])('%s', (code) => {
    expect(reported(untyped, code, { clients, strict: true })).toEqual([])
    expect(reported(typed, code, { clients, strict: true })).toEqual([])
  })

  test('no-direct-client leaves them alone', () => {
    const code = `import { PrismaClient } from '@prisma/client'; export const prisma = new PrismaClient()`
    expect(reported('no-direct-client', code, { clients })).toEqual([])
  })
})

test('Redis has to be told which keys are users’ own', () => {
  const lint = (): unknown => reported(untyped, `import Redis from 'ioredis'`, { clients: ['redis'] })
  const byOption = (client: unknown): unknown =>
    new Linter().verify('', [
      {
        plugins: { 'scoped-memory': plugin },
        rules: { [`scoped-memory/${untyped}`]: ['error', { clients: [client] }] },
      },
    ])
  for (const client of ['redis', known.redis]) expect(() => byOption(client)).toThrow()
  expect(byOption({ ...known.redis, tables: ['chat:*'] })).toEqual([])
  expect(lint).toThrow(/redis has no "tables".*\{ \.\.\.clients\.redis, tables: \['chat:\*'\] \}/s)
})
