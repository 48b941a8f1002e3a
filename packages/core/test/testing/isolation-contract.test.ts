import { randomUUID } from 'node:crypto'
import nodeTest from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startMem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient } from 'mem0ai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ScopedMemory } from '../../src/index.ts'
import {
  attacks,
  checkIsolation,
  createInMemoryClient,
  isolationContract,
  uses,
  type IsolationCheck,
  type IsolationContractOptions,
  type IsolationReport,
  type MemoryHandle,
} from '../../src/testing/index.ts'
import { naiveMemory } from '../support/naive-memory.ts'
import { CARELESS_STACKS } from './flawed-stacks.ts'
import { ENGINES, type Engine } from './backends.ts'

const named = (name: string): IsolationCheck => {
  const found = [...attacks, ...uses].find((check) => check.name === name)
  if (found === undefined) throw new Error(`There is no check "${name}"`)
  return found
}
const namesOf = (report: IsolationReport): string[] => report.failures.map(({ attack }) => attack.name)

describe.each(Object.entries(ENGINES))('over %s', (_name, open) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await open()
  })
  afterAll(() => engine.close())

  isolationContract({
    describe,
    it,
    createMemory: (userId) => new ScopedMemory(userId, { client: engine.client }),
  })
})

describe('the naive wrapper', () => {
  const reports = new Map<string, Promise<IsolationReport>>()
  const report = (name: string): Promise<IsolationReport> => {
    const made =
      reports.get(name) ??
      (async () => {
        const { client, close } = await ENGINES[name]!()
        try {
          return await checkIsolation({ createMemory: (userId) => naiveMemory(client, userId) })
        } finally {
          await close()
        }
      })()
    reports.set(name, made)
    return made
  }

  it('fails over the hosted API', async () => {
    const hosted = await report('the hosted API over HTTP')
    expect(hosted.passed).toBe(false)
    expect(namesOf(hosted)).toMatchInlineSnapshot(`
      [
        "an option that names a user does not choose for whom a memory is stored",
        "an option that names a user does not choose whose memories are deleted",
        "what is stored is the message that was passed, not one inside the options",
        "what an assistant says in a conversation stays with the user",
        "a run, an agent or an app that two users share does not join them",
        "a filter that changes between two looks does not choose another user",
        "get does not read another user's memory",
        "history does not read another user's memory",
        "update does not change another user's memory",
        "delete does not delete another user's memory",
        "a batch of changes does not reach another user's memory",
        "a batch of deletions does not reach another user's memory",
        "feedback does not rate another user's memory",
        "an id that is a path reads nothing else",
        "an id that is a path changes and deletes nothing else",
        "an id that is no string is not made one",
        "another user's id is answered like nobody's",
        "a deleted memory is shown to nobody else",
        "what is no user id gets no memory",
      ]
    `)
    expect(String(hosted)).toMatch(
      new RegExp(`^\\d+ of ${attacks.length} attacks got through:\n\nDoes not hold: `),
    )
    expect(String(hosted)).toContain(
      "  - deleteAll({ userId: 'x', user_id: 'bob' }) deleted bob's memory 'The door code of bob is secret-",
    )
  })

  it('fails over mem0ai/oss', async () => {
    const selfHosted = await report('mem0ai/oss on SQLite')
    expect(namesOf(selfHosted)).toMatchInlineSnapshot(`
      [
        "filters on an add do not choose for whom a memory is stored",
        "AND does not put another user in the place of the own one",
        "a __proto__ in a filter that came as JSON changes no other object",
        "get does not read another user's memory",
        "history does not read another user's memory",
        "update does not change another user's memory",
        "delete does not delete another user's memory",
        "an id that is no string is not made one",
        "another user's id is answered like nobody's",
        "a deleted memory is shown to nobody else",
        "what is no user id gets no memory",
        "ids that become the same when trimmed are not the same user",
        "one options object that two users share does not mix their memories",
        "a user can change, rate and delete single memories and see their history",
      ]
    `)
    expect(String(selfHosted)).toContain(
      "  - search('door code', { filters: { user_id: 'alice', AND: [ { user_id: 'bob' } ] } }) gave away bob's memory",
    )
    expect(String(selfHosted)).toContain(
      "search('door code', { filters: { ['__proto__']: { ne: 'zz' } } }) put 'ne' on Object.prototype",
    )
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it('and the stacks with one mistake leave no check that never found anything', async () => {
    const found = new Set(CARELESS_STACKS.flatMap((stack) => stack.found))
    for (const name of ['the hosted API over HTTP', 'mem0ai/oss on SQLite']) {
      for (const check of namesOf(await report(name))) found.add(check)
    }
    expect([...attacks, ...uses].map(({ name }) => name).filter((name) => !found.has(name))).toEqual([])
  })
})

describe('a stack with one mistake is found out', () => {
  for (const { mistake, found, createMemory } of CARELESS_STACKS) {
    it.each(found)(`one that ${mistake}: %s`, async (name) => {
      const problems = await named(name).run({ createMemory: createMemory(), timeoutMillis: 200 })
      expect(problems).not.toEqual([])
      expect(problems.filter((problem) => problem.startsWith('could not be shown'))).toEqual([])
    })
  }
})

describe('the report', () => {
  it('of a stack that withstands everything says so', async () => {
    const client = createInMemoryClient()
    const report = await checkIsolation({ createMemory: (userId) => new ScopedMemory(userId, { client }) })
    expect(report.passed).toBe(true)
    expect(report.failures).toEqual([])
    expect(String(report)).toBe(
      `0 of ${attacks.length} attacks got through\n\n0 of ${uses.length} ordinary uses did not work`,
    )
  })

  it('of a stack that refuses everything is no pass', async () => {
    const report = await checkIsolation({
      createMemory: () => {
        throw new Error('No.')
      },
    })
    expect(namesOf(report)).toEqual([...attacks, ...uses].map(({ name }) => name))
    expect(String(report)).toContain('could not be shown: No.')
  })

  it('of a stack that stores nothing is no pass', async () => {
    const empty: MemoryHandle = {
      ...naiveMemory(createInMemoryClient(), 'nobody'),
      add: () => Promise.resolve({ results: [] }),
    }
    const problems = await named('a user finds what the user said').run({
      createMemory: () => empty,
      timeoutMillis: 20,
    })
    expect(problems).toEqual([
      'could not be shown: after 20 ms getAll() shows 0 of 2 memories that alice stored with { infer: false }',
    ])
  })
})

describe('a slow back end', () => {
  it('that shows what was added a moment later passes', async () => {
    const client = createInMemoryClient()
    const report = await checkIsolation({
      settleMillis: 20,
      createMemory: (userId) => {
        const memory = new ScopedMemory(userId, { client })
        return {
          search: memory.search.bind(memory),
          getAll: memory.getAll.bind(memory),
          get: memory.get.bind(memory),
          update: memory.update.bind(memory),
          delete: memory.delete.bind(memory),
          deleteAll: memory.deleteAll.bind(memory),
          history: memory.history.bind(memory),
          add(...args: Parameters<ScopedMemory['add']>) {
            void sleep(10)
              .then(() => memory.add(...args))
              .catch(() => {})
            return Promise.resolve({ results: [] })
          },
        }
      },
    })
    expect(String(report)).toMatch(/^0 of/)
    expect(report.passed).toBe(true)
  })

  it('that deletes a moment later is found out after `settleMillis`', async () => {
    await using platform = await startMem0Platform({ deleteDelayMillis: 50 })
    const client = new MemoryClient({ apiKey: 'm0-key', host: platform.url })
    const attack = named('an option that names a user does not choose whose memories are deleted')
    const problems = await attack.run({
      settleMillis: 200,
      createMemory: (userId) => naiveMemory(client, userId),
    })
    expect(problems.join('\n')).toContain("deleted bob's memory")
    expect(
      await attack.run({
        settleMillis: 200,
        createMemory: (userId) => new ScopedMemory(userId, { client }),
      }),
    ).toEqual([])
  })
})

describe('users of the suite', () => {
  it('are new in every run and leave nothing behind', async () => {
    const client = createInMemoryClient()
    const before = new ScopedMemory('u_carol', { client })
    await before.add('I was here before')
    const seen = new Set<string>()
    const createMemory = (userId: string): ScopedMemory => {
      seen.add(userId)
      return new ScopedMemory(userId, { client })
    }
    await checkIsolation({ createMemory })
    const first = new Set(seen)
    seen.clear()
    await checkIsolation({ createMemory })
    const both = [...seen].filter(
      (id) => first.has(id) && typeof id === 'string' && id.startsWith('isolation-'),
    )
    expect(both).toEqual([])
    const { results } = await client.getAll({ filters: { user_id: '*' }, topK: 1000 })
    expect(results.map(({ memory }) => memory)).toEqual(['I was here before'])
  })

  it('have ids of the form that the stack asks for', async () => {
    const client = createInMemoryClient()
    const known = new Set<string>()
    const report = await checkIsolation({
      newUserId: () => {
        const id = randomUUID()
        known.add(id)
        return id
      },
      createMemory: (userId) => {
        if (!known.has(userId)) throw new Error('No such user.')
        return new ScopedMemory(userId, { client })
      },
    })
    expect(namesOf(report)).toEqual([])
    expect(known.size).toBeGreaterThan(2 * attacks.length - 1)
  })
})

describe('the catalogue', () => {
  it('takes describe and it of node:test as they are', () => {
    const options: IsolationContractOptions = {
      describe: nodeTest.describe,
      it: nodeTest.it,
      createMemory: (userId) => new ScopedMemory(userId),
    }
    expect(options).toBeDefined()
  })

  it('has a name and a reason for each check, and each name once', () => {
    const all = [...attacks, ...uses]
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    for (const { name, what } of all) {
      expect(name).toMatch(/^\S.+[^.]$/)
      expect(what).toMatch(/^[A-Za-z].+[.)]$/)
    }
  })
})
