import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as provider from '@mem0/vercel-ai-provider'
import { ScopedMemory, ScopedMemoryError } from '@scoped-memory/core'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient } from 'mem0ai'
import type { Memory } from 'mem0ai/oss'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openSqlite } from '../../packages/core/test/support/backends.ts'
import { naiveMemory } from '../../packages/core/test/support/naive-memory.ts'

// The table "What the choices give" of the README, row by row: each call is made through each choice, and what came of it
// must be what the table says. Alice is signed in. Bob has a memory of his own, in a run of the same name.

const choices = ['mem0ai', '@mem0/vercel-ai-provider', 'a first wrapper', 'scoped-memory'] as const
type Choice = (typeof choices)[number]
type Outcome = '**leaks**' | 'kept apart' | 'refused' | 'the API refuses' | 'not offered'

interface Scene {
  readonly platform: Mem0Platform
  /** Hosted. */
  readonly client: MemoryClient
  readonly selfHosted: Memory
  /** Where the provider finds the API. */
  readonly hosted: { readonly host: string; readonly mem0ApiKey: string }
  /** The id of Bob's memory. */
  readonly bobsId: string
}
/** Calls that must all have the same outcome; undefined where the choice offers no such call. */
type Calls = ((scene: Scene) => unknown)[] | undefined
interface Row {
  readonly title: string
  readonly calls: Readonly<Record<Choice, Calls>>
}

const [alice, bob, run] = ['u_alice', 'u_bob', 'trip']
const secret = "Bob's secret: diabetes"
const alicesSecret = "Alice's secret: asthma"
const planted = 'Written by Alice'
const said = (content: string) => [{ role: 'user' as const, content }]
const asPrompt = (text: string) => [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }]
/** What a caller without a compiler passes. */
const any = (value: unknown) => value as never

const body = { userId: 'x', user_id: bob }
const filters = { user_id: 'x', AND: [{ user_id: bob }] }

const rows: Row[] = [
  {
    title: 'No user id at all',
    calls: {
      mem0ai: [({ client }) => client.search('secret', { filters: {} })],
      '@mem0/vercel-ai-provider': [({ hosted }) => provider.getMemories('secret', hosted)],
      'a first wrapper': [({ client }) => naiveMemory(client, undefined).search('secret')],
      'scoped-memory': [({ client }) => new ScopedMemory(any(undefined), { client }).search('secret')],
    },
  },
  {
    title: 'No user id, but a run that Bob has too',
    calls: {
      mem0ai: [({ client }) => client.search('secret', { filters: { run_id: run } })],
      '@mem0/vercel-ai-provider': [
        ({ hosted }) => provider.getMemories('secret', { ...hosted, run_id: run }),
        ({ hosted }) => provider.retrieveMemories('secret', { ...hosted, run_id: run }),
      ],
      'a first wrapper': [
        ({ client }) => naiveMemory(client, undefined).search('secret', { filters: { run_id: run } }),
      ],
      'scoped-memory': [
        ({ client }) => new ScopedMemory(any(undefined), { client }).within({ runId: run }).search('secret'),
      ],
    },
  },
  {
    title: 'The user id is `*`',
    calls: {
      mem0ai: [({ client }) => client.search('secret', { filters: { user_id: '*' } })],
      '@mem0/vercel-ai-provider': [
        ({ hosted }) => provider.getMemories('secret', { ...hosted, user_id: '*' }),
      ],
      'a first wrapper': [({ client }) => naiveMemory(client, '*').search('secret')],
      'scoped-memory': [({ client }) => new ScopedMemory('*', { client }).search('secret')],
    },
  },
  {
    title: '`add` with options from the body that name Bob',
    calls: {
      mem0ai: [({ client }) => client.add(said(planted), { ...body, userId: alice })],
      '@mem0/vercel-ai-provider': [
        ({ hosted }) => provider.addMemories(asPrompt(planted), { ...hosted, ...body, user_id: alice }),
      ],
      'a first wrapper': [({ client }) => naiveMemory(client, alice).add(planted, body)],
      'scoped-memory': [({ client }) => new ScopedMemory(alice, { client }).add(planted, any(body))],
    },
  },
  {
    title: '`search` with filters from the body that name Bob',
    calls: {
      mem0ai: [({ client }) => client.search('secret', { filters: { ...filters, user_id: alice } })],
      '@mem0/vercel-ai-provider': [
        ({ hosted }) => provider.getMemories('secret', { ...hosted, filters, user_id: alice }),
      ],
      'a first wrapper': [({ client }) => naiveMemory(client, alice).search('secret', { filters })],
      'scoped-memory': [
        ({ client }) => new ScopedMemory(alice, { client }).search('secret', { filters: any(filters) }),
      ],
    },
  },
  {
    title: 'The same, self-hosted',
    calls: {
      mem0ai: [({ selfHosted }) => selfHosted.search('secret', { filters: { ...filters, user_id: alice } })],
      '@mem0/vercel-ai-provider': undefined,
      'a first wrapper': [({ selfHosted }) => naiveMemory(selfHosted, alice).search('secret', { filters })],
      'scoped-memory': [
        ({ selfHosted }) =>
          new ScopedMemory(alice, { client: selfHosted }).search('secret', { filters: any(filters) }),
      ],
    },
  },
  {
    title: "`get`, `update`, `delete`, `history` by the id of Bob's memory",
    calls: {
      mem0ai: [
        ({ client, bobsId }) => client.get(bobsId),
        ({ client, bobsId }) => client.update(bobsId, { text: planted }),
        ({ client, bobsId }) => client.delete(bobsId),
        ({ client, bobsId }) => client.history(bobsId),
      ],
      '@mem0/vercel-ai-provider': undefined,
      'a first wrapper': [
        ({ client, bobsId }) => naiveMemory(client, alice).get(bobsId),
        ({ client, bobsId }) => naiveMemory(client, alice).update(bobsId, { text: planted }),
        ({ client, bobsId }) => naiveMemory(client, alice).delete(bobsId),
        ({ client, bobsId }) => naiveMemory(client, alice).history(bobsId),
      ],
      'scoped-memory': [
        ({ client, bobsId }) => new ScopedMemory(alice, { client }).get(bobsId),
        ({ client, bobsId }) => new ScopedMemory(alice, { client }).update(bobsId, planted),
        ({ client, bobsId }) => new ScopedMemory(alice, { client }).delete(bobsId),
        ({ client, bobsId }) => new ScopedMemory(alice, { client }).history(bobsId),
      ],
    },
  },
  {
    title: '`deleteAll` without a user',
    calls: {
      mem0ai: [({ client }) => client.deleteAll()],
      '@mem0/vercel-ai-provider': undefined,
      'a first wrapper': [({ client }) => naiveMemory(client, undefined).deleteAll()],
      'scoped-memory': [({ client }) => new ScopedMemory(any(undefined), { client }).deleteAll()],
    },
  },
  {
    title: '`deleteAll` of a run that Bob has too ¹',
    calls: {
      mem0ai: [({ client }) => client.deleteAll({ userId: alice, runId: run })],
      '@mem0/vercel-ai-provider': undefined,
      'a first wrapper': [({ client }) => naiveMemory(client, alice).deleteAll({ runId: run })],
      'scoped-memory': [
        async ({ client }) => {
          const memory = new ScopedMemory(alice, { client })
          await memory.within({ runId: run }).deleteAll()
          expect((await memory.getAll()).results).toEqual([])
        },
      ],
    },
  },
  {
    title: '`deleteUsers` without a user',
    calls: {
      mem0ai: [({ client }) => client.deleteUsers()],
      '@mem0/vercel-ai-provider': undefined,
      'a first wrapper': undefined,
      'scoped-memory': undefined,
    },
  },
  {
    title: 'Two users at once over one client',
    calls: {
      mem0ai: [
        ({ client }) =>
          together(
            (user, text) => client.add(said(text), { userId: user, infer: false }),
            (user) => client.search('secret', { filters: { user_id: user } }),
          ),
      ],
      '@mem0/vercel-ai-provider': [
        ({ hosted }) =>
          together(
            (user, text) => provider.addMemories(asPrompt(text), { ...hosted, user_id: user, infer: false }),
            (user) => provider.getMemories('secret', { ...hosted, user_id: user }),
          ),
      ],
      'a first wrapper': [
        ({ client }) =>
          together(
            (user, text) => naiveMemory(client, user).add(text, { infer: false }),
            (user) => naiveMemory(client, user).search('secret'),
          ),
      ],
      'scoped-memory': [
        ({ client }) =>
          together(
            (user, text) => new ScopedMemory(user, { client }).add(text, { infer: false }),
            (user) => new ScopedMemory(user, { client }).search('secret'),
          ),
      ],
    },
  },
  {
    title: "The response holds a record of Bob's",
    calls: {
      mem0ai: [confused(({ client }) => client.search('secret', { filters: { user_id: alice } }))],
      '@mem0/vercel-ai-provider': [
        confused(({ hosted }) => provider.getMemories('secret', { ...hosted, user_id: alice })),
      ],
      'a first wrapper': [confused(({ client }) => naiveMemory(client, alice).search('secret'))],
      'scoped-memory': [confused(({ client }) => new ScopedMemory(alice, { client }).search('secret'))],
    },
  },
]

/** Both users add and Alice searches at the same time, over and over; resolves what Alice finds. */
function together(
  add: (user: string, text: string) => Promise<unknown>,
  search: (user: string) => Promise<unknown>,
): Promise<unknown> {
  return Promise.all(
    Array.from({ length: 20 }, async (_, turn) => {
      const [found] = await Promise.all([
        search(alice),
        add(alice, `${planted} in turn ${turn}`),
        add(bob, `${secret}, turn ${turn}`),
      ])
      expect(JSON.stringify(found)).toContain(alicesSecret)
      return found
    }),
  )
}

/** A service that puts what is Bob's into the next response. */
function confused(call: (scene: Scene) => Promise<unknown>) {
  return (scene: Scene): Promise<unknown> => {
    scene.platform.misbehave({ match: { path: '/v3/memories/search/' }, with: { foreignRowsOf: bob } })
    return call(scene)
  }
}

describe('what the choices give', () => {
  let platform: Mem0Platform
  let sqlite: Awaited<ReturnType<typeof openSqlite>>
  beforeAll(async () => {
    platform = await startMem0Platform()
    sqlite = await openSqlite()
    vi.spyOn(console, 'error').mockImplementation(() => undefined) // the provider prints what the API refuses
  })
  afterAll(async () => {
    vi.restoreAllMocks()
    await platform.close()
    await sqlite.close()
  })

  async function setScene(): Promise<Scene> {
    platform.reset()
    const client = new MemoryClient({ apiKey: 'm0-choices', host: platform.url })
    const selfHosted = sqlite.client
    for (const userId of [alice, bob]) {
      const text = userId === bob ? secret : alicesSecret
      await client.add(said(text), { userId, runId: run, infer: false })
      await selfHosted.deleteAll({ userId })
      await selfHosted.add(text, { userId, runId: run, infer: false })
    }
    const [bobs] = platform.store.ofUser(bob)
    const hosted = { host: platform.url, mem0ApiKey: 'm0-choices' }
    return { platform, client, selfHosted, hosted, bobsId: bobs!.id }
  }

  /** Whether what the back ends hold for Bob is what he has put there. */
  async function bobIsIntact(): Promise<boolean> {
    const ofBob = [
      platform.store.ofUser(bob).map(({ text }) => text),
      (await sqlite.client.getAll({ filters: { user_id: bob }, topK: 1000 })).results.map(
        ({ memory }) => memory,
      ),
    ]
    return ofBob.every((texts) => texts.includes(secret) && texts.every((text) => text.startsWith(secret)))
  }

  async function outcomeOf(call: (scene: Scene) => unknown): Promise<Outcome> {
    const scene = await setScene()
    let refusal: unknown
    let answer: unknown
    try {
      answer = await call(scene)
    } catch (error) {
      refusal = error
    }
    if (JSON.stringify(answer ?? null).includes(secret) || !(await bobIsIntact())) return '**leaks**'
    if (refusal === undefined) return 'kept apart'
    if (refusal instanceof ScopedMemoryError) return 'refused'
    expect(String(refusal)).toMatch(/is required|cannot be empty|status: 400/)
    return 'the API refuses'
  }

  async function outcomeOfAll(calls: Calls): Promise<Outcome> {
    if (calls === undefined) return 'not offered'
    const outcomes = new Set<Outcome>()
    for (const call of calls) outcomes.add(await outcomeOf(call))
    expect(outcomes.size).toBe(1)
    return [...outcomes][0]!
  }

  const table = tableOf('README.md', 'choices')

  it('the table has these columns and rows', () => {
    expect(
      table.head.slice(1).map((cell) => cell.replace(/^\[(.*)\]\(.*\)$/, '$1').replaceAll('`', '')),
    ).toEqual(choices)
    expect([...table.rows.keys()]).toEqual(rows.map(({ title }) => title))
  })

  describe.each(rows)('$title', ({ title, calls }) => {
    it.each(choices)('%s', async (choice) => {
      const cell = table.rows.get(title)?.[choices.indexOf(choice)]
      expect(await outcomeOfAll(calls[choice])).toBe(cell)
    })
  })

  it('the README names the versions that ran', () => {
    const readme = textOf('README.md').replaceAll(/\s+/g, ' ')
    for (const name of ['mem0ai', '@mem0/vercel-ai-provider']) {
      const [, version] = new RegExp(`^  '?${name}'?: (.+)$`, 'm').exec(textOf('pnpm-workspace.yaml')) ?? []
      expect(readme).toContain(`\`${name}\` ${version}`)
    }
  })

  it('what is not offered is not there', async () => {
    const { client } = await setScene()
    expect(Object.keys(provider).sort()).toEqual(
      [
        'Mem0',
        'addMemories',
        'createMem0',
        'getMemories',
        'mem0',
        'retrieveMemories',
        'searchMemories',
      ].sort(),
    )
    expect('deleteUsers' in naiveMemory(client, alice)).toBe(false)
    expect('deleteUsers' in new ScopedMemory(alice, { client })).toBe(false)
  })

  it("the provider's model asks as its functions do, of the hosted API", async () => {
    const openai = async () =>
      Response.json({
        id: 'r',
        created: 0,
        model: 'gpt-5-mini',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      })
    const { hosted } = await setScene()
    const mem0 = provider.createMem0({ apiKey: 'unused', config: { fetch: openai }, mem0Config: hosted })
    platform.clearRequests()
    const { content } = await mem0
      .chat('gpt-5-mini', { run_id: run })
      .doGenerate({ prompt: asPrompt('secret') })
    expect(platform.requests.map(({ path }) => path)).toEqual(['/v3/memories/add/', '/v3/memories/search/'])
    expect(JSON.stringify(content)).toContain(secret)
  })
})

/** The Markdown table that stands between `<!-- name -->` and `<!-- /name -->`. */
function tableOf(page: string, name: string) {
  const [, between = ''] = new RegExp(`<!-- ${name} -->(.*)<!-- /${name} -->`, 's').exec(textOf(page)) ?? []
  const [head = [], , ...rest] = between
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  return { head, rows: new Map(rest.map(([title = '', ...cells]) => [title, cells])) }
}

function textOf(file: string): string {
  return readFileSync(join(import.meta.dirname, '../..', file), 'utf8')
}
