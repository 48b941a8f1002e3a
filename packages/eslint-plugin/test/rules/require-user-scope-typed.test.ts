import { Linter } from 'eslint'
import { expect, test } from 'vitest'
import plugin from '../../src/index.ts'
import { type InvalidCase, invalid, testRule } from '../rule-tester.ts'

const inFilters = '{ filters: { user_id: userId } }'

const byId = (code: string): InvalidCase =>
  invalid(code, { messageId: 'bareMemoryId', data: { method: 'get' } })

/** A type that a client fits, and other things do too. */
const own = `interface Own { get(id: string): Promise<unknown>; getAll(options?: object): Promise<unknown> }`

/** Ways to a client of another file, with a by-id call marked on it. */
const waysToClient = [
  `import { hosted } from './clients.js'; «hosted.get»('id')`,
  `import { memory } from './again.js'; «memory.get»('id')`,
  `import * as all from './clients.js'; «all.hosted.get»('id')`,
  `import Mem0 from './clients.js'; «new Mem0({ apiKey: 'k' }).get»('id')`,
  `import { Mem0 } from './clients.js'; «new Mem0({ apiKey: 'k' }).get»('id')`,
  `import { Container } from './clients.js'; «new Container().client.get»('id')`,
  `import { openMemory } from './clients.js'; «(await openMemory()).get»('id')`,
  `import { openMemory } from './clients.js'; const { get } = await openMemory(); «get»('id')`,
  `import { openMemory } from './clients.js'; openMemory().then((memory) => «memory.get»('id'))`,
  `import { client } from './plain.js'; «client.get»('id')`,
  `import { makeClient } from './plain.js'; «makeClient().get»('id')`,
  `import type { Container } from './clients.js'; function f(c: Container) { return «c.client.get»('id') }`,
  `import { hosted } from './clients.js'; function f(c: typeof hosted | undefined) { return «c?.get»('id') }`,
  `import { hosted } from './clients.js'; function f(c: Pick<typeof hosted, 'get'>) { return «c.get»('id') }`,
  `import { hosted } from './clients.js'; function f<C extends typeof hosted>(c: C) { return «c.get»('id') }`,
  `import { hosted } from './clients.js'; const all = [hosted]; all.forEach((c) => «c.get»('id'))`,
  `import { hosted } from './clients.js'; «hosted['get']»('id')`,
  `import { Tuned } from './clients.js'; «new Tuned({ apiKey: 'k' }).get»('id')`,
  // What a type of one's own hides
  `import { hosted } from './clients.js'; ${own}; «(hosted as Own).get»('id')`,
  `import { hosted } from './clients.js'; ${own}; «(<Own>(<unknown>hosted)).get»('id')`,
  `import { hosted } from './clients.js'; import type { Lookalike } from './clients.js'; «(hosted as unknown as Lookalike).get»('id')`,
  `import { openMemory } from './clients.js'; ${own}; const m: Own = await openMemory(); «m.get»('id')`,
  `import { hosted } from './clients.js'; ${own}; const f = (c: Own) => «c.get»('id'); f(hosted)`,
  // What the compiler gives up on
  `import { loose } from './clients.js'; «loose.get»('id')`,
  `import { viaDefault } from './clients.js'; «viaDefault.get»('id')`,
  `import { openLoose } from './clients.js'; «openLoose().get»('id')`,
  `import { Container } from './clients.js'; «new Container().loose.get»('id')`,
  // Within the file, as the rule without types
  `import { MemoryClient } from 'mem0ai'; «new MemoryClient({ apiKey: 'k' }).get»('id')`,
  `const MemoryClient = require('mem0ai').default; «new MemoryClient({}).get»('id')`,
]

const scoped = (code: string): string =>
  code.replace(/«(.*)get(.*)»\('id'\)/, '$1getAll$2({ filters: { user_id: userId } })')

testRule('require-user-scope-typed', {
  valid: [
    ...waysToClient.filter((code) => !/\bget[,} ]|'get'/.test(code)).map(scoped),
    `import { hosted } from './clients.js'; hosted.add([], { userId })`,
    `import { hosted } from './clients.js'; hosted.ping()`,
    `import { Tuned } from './clients.js'; new Tuned({ apiKey: 'k' }).search('q')`,
    `import { OwnMemory } from './clients.js'; const own = new OwnMemory('u'); own.search('q'); own.getAll()`,
    `import type { Lookalike } from './clients.js'; function f(c: Lookalike) { return c.get('id') }`,
    `import { hosted } from './clients.js'; ${own}; const pick = () => x ? hosted : { get: async () => 1 }; (pick() as unknown as Own).get('id')`,
    `import { hosted } from './clients.js'; ${own}; declare const either: typeof hosted | Own; (either as Own).get('id')`,
    `import { OwnMemory } from './clients.js'; interface Search { search(q: string): Promise<unknown> }; (new OwnMemory('u') as Search).search('q')`,
    `import './clients.js'; new Map<string, number>().get('a'); new Headers().get('x'); new URLSearchParams().getAll('a')`,
    `import './clients.js'; caches.delete('v1'); history.back(); 'text'.search(/x/)`,
    // Options whose type says enough
    `import { hosted } from './clients.js'; function f(o: { userId: string; limit: number }) { hosted.add([], o) }`,
    `import { hosted } from './clients.js'; function f(o: { limit: number }) { hosted.add([], { userId, ...o }) }`,
    `import { hosted } from './clients.js'; import type { SearchMemoryOptions } from 'mem0ai'; function f(o: SearchMemoryOptions) { hosted.search('q', o) }`,
    `import { hosted } from './clients.js'; function f(o: Record<string, unknown>) { hosted.add([], o) }`,
    { code: `import { hosted } from './clients.js'; hosted.users()`, options: [{ allowIn: ['*.ts'] }] },
  ],
  invalid: [
    ...waysToClient.map(byId),
    invalid(
      `import { hosted } from './clients.js'; function f(o: { limit: number }) { «hosted.search»('q', o) }`,
      {
        messageId: 'missingUser',
        data: { method: 'search', write: inFilters },
      },
    ),
    invalid(
      `import { hosted } from './clients.js'; function f(user: string) { «hosted.search»('q', user as any) }`,
      {
        messageId: 'ignoredUser',
        data: { method: 'search', write: inFilters },
      },
    ),
    invalid(
      `import { hosted } from './clients.js'; import type { AddMemoryOptions } from 'mem0ai'; function f(o: AddMemoryOptions) { «hosted.add»([], { userId: 'u', ...o }) }`,
      { messageId: 'overridableUser', data: { method: 'add' } },
    ),
    invalid(`import { hosted } from './clients.js'; «hosted.users»()`, {
      messageId: 'projectWide',
      data: { method: 'users' },
    }),
    invalid(`import { hosted } from './clients.js'; «hosted.client».get('/')`, {
      messageId: 'internals',
      data: { method: 'client' },
    }),
    invalid(`import { hosted } from './clients.js'; «hosted._fetchRawJson»('/', {})`, {
      messageId: 'internals',
      data: { method: '_fetchRawJson' },
    }),
    {
      ...invalid(
        `import { hosted } from './clients.js'; function f(o: Record<string, unknown>) { «hosted.add»([], o) }`,
        { messageId: 'unverifiable', data: { method: 'add', write: '{ userId }' } },
      ),
      options: [{ allowUnverifiable: false }],
    },
  ],
})

test('says how to set up types where there are none', () => {
  const linter = new Linter()
  const lint = (): unknown =>
    linter.verify('client.get(1)', [
      {
        plugins: { 'scoped-memory': plugin },
        rules: { 'scoped-memory/require-user-scope-typed': 'error' },
      },
    ])
  expect(lint).toThrow(
    /require-user-scope-typed needs type information.*projectService: true.*TypeScript 7.*"recommended"/s,
  )
})
