import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { startMem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient } from 'mem0ai'
import { describe, expect, it } from 'vitest'
import { ScopedMemory } from '../../src/index.ts'
import {
  checkIsolation,
  createInMemoryClient,
  isolationChecks,
  type IsolationCheck,
  type IsolationReport,
  type MemoryHandle,
} from '../../src/testing/index.ts'
import { naiveMemory } from '../support/naive-memory.ts'
import { BACKENDS } from './backends.ts'
import { FLAWED_STACKS } from './flawed-stacks.ts'

const count = (kind: IsolationCheck['kind']): number =>
  isolationChecks.filter((check) => check.kind === kind).length
const checkNamed = (name: string): IsolationCheck => {
  const found = isolationChecks.find((check) => check.name === name)
  if (found === undefined) throw new Error(`There is no check "${name}"`)
  return found
}
const namesOf = (report: IsolationReport): string[] => report.failures.map(({ check }) => check.name)

describe('the naive wrapper', () => {
  const reports = new Map<string, Promise<IsolationReport>>()
  const report = (name: string): Promise<IsolationReport> => {
    const made =
      reports.get(name) ??
      (async () => {
        const { client, close } = await BACKENDS[name]!()
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
        "an option that names a user does not choose who a memory is stored for",
        "an option that names a user does not choose whose memories are deleted",
        "what is stored is the message that was passed, not one in the options",
        "what an assistant says in a conversation stays with the user",
        "a run, an agent or an app that two users share does not connect them",
        "a filter that changes between two reads does not choose another user",
        "get does not read another user's memory",
        "history does not read another user's memory",
        "update does not change another user's memory",
        "delete does not delete another user's memory",
        "batchUpdate does not change another user's memory",
        "batchDelete does not delete another user's memory",
        "feedback does not rate another user's memory",
        "an id that is a path reads nothing else",
        "an id that is a path changes and deletes nothing else",
        "an id that is not a string is not coerced to one",
        "the id of another user's memory is treated like an id that does not exist",
        "a deleted memory stays hidden from other users",
        "a value that is not a user id gets no memory",
      ]
    `)
    expect(String(hosted)).toMatch(new RegExp(`^\\d+ of ${count('attack')} attacks succeeded:\n\nFailed: `))
    expect(String(hosted)).toContain(
      "  - deleteAll({ userId: 'x', user_id: 'bob' }) deleted bob's memory 'The door code of bob is secret-",
    )
  })

  it('fails over mem0ai/oss', async () => {
    const selfHosted = await report('mem0ai/oss on SQLite')
    expect(namesOf(selfHosted)).toMatchInlineSnapshot(`
      [
        "filters of an add do not choose who a memory is stored for",
        "AND does not replace the bound user with another",
        "a __proto__ in a parsed JSON filter changes no other object",
        "get does not read another user's memory",
        "history does not read another user's memory",
        "update does not change another user's memory",
        "delete does not delete another user's memory",
        "an id that is not a string is not coerced to one",
        "the id of another user's memory is treated like an id that does not exist",
        "a deleted memory stays hidden from other users",
        "a value that is not a user id gets no memory",
        "ids that are equal once trimmed are different users",
        "an options object shared by two users does not mix their memories",
        "a user can change, rate and delete single memories and see their history",
      ]
    `)
    expect(String(selfHosted)).toContain(
      "  - search('door code', { filters: { user_id: 'alice', AND: [ { user_id: 'bob' } ] } }) leaked bob's memory",
    )
    expect(String(selfHosted)).toContain(
      "search('door code', { filters: { ['__proto__']: { ne: 'zz' } } }) added 'ne' to Object.prototype",
    )
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it('and the flawed stacks together fail every check', async () => {
    const failing = new Set(FLAWED_STACKS.flatMap((stack) => stack.failing))
    for (const name of ['the hosted API over HTTP', 'mem0ai/oss on SQLite']) {
      for (const check of namesOf(await report(name))) failing.add(check)
    }
    expect(isolationChecks.map(({ name }) => name).filter((name) => !failing.has(name))).toEqual([])
  })
})

describe('a stack with one mistake fails the checks for it', () => {
  for (const { mistake, failing, createMemory } of FLAWED_STACKS) {
    it.each(failing)(`one that ${mistake}: %s`, async (name) => {
      const problems = await checkNamed(name).run({ createMemory: createMemory(), timeoutMillis: 200 })
      expect(problems).not.toEqual([])
      expect(problems.filter((problem) => problem.startsWith('could not be checked'))).toEqual([])
    })
  }
})

describe('the report', () => {
  it('says that every check passed', async () => {
    const client = createInMemoryClient()
    const report = await checkIsolation({ createMemory: (userId) => new ScopedMemory(userId, { client }) })
    expect(report.passed).toBe(true)
    expect(report.failures).toEqual([])
    expect(String(report)).toBe(
      `0 of ${count('attack')} attacks succeeded\n\n0 of ${count('legitimate-use')} legitimate uses failed`,
    )
  })

  it('fails every check of a stack that refuses everything', async () => {
    const report = await checkIsolation({
      createMemory: () => {
        throw new Error('No.')
      },
    })
    expect(namesOf(report)).toEqual(isolationChecks.map(({ name }) => name))
    expect(String(report)).toContain('could not be checked: No.')
  })

  it('fails every check of a stack that makes no handle', async () => {
    const report = await checkIsolation({ createMemory: () => undefined as never })
    expect(namesOf(report)).toEqual(isolationChecks.map(({ name }) => name))
    expect(String(report)).toContain('could not be checked: Cannot read properties of undefined')
  })

  it('fails a stack that stores nothing', async () => {
    const empty: MemoryHandle = {
      ...naiveMemory(createInMemoryClient(), 'nobody'),
      add: () => Promise.resolve({ results: [] }),
    }
    const problems = await checkNamed('a user finds their own memories').run({
      createMemory: () => empty,
      timeoutMillis: 20,
    })
    expect(problems).toEqual([
      'could not be checked: after 20 ms getAll() returns 0 of the 2 memories that alice stored with { infer: false }',
    ])
  })
})

describe('a slow back end', () => {
  it('passes when what was added is visible a moment later', async () => {
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

  it('fails when a deletion is visible only after `settleMillis`', async () => {
    await using platform = await startMem0Platform({ deleteDelayMillis: 50 })
    const client = new MemoryClient({ apiKey: 'm0-key', host: platform.url })
    const attack = checkNamed('an option that names a user does not choose whose memories are deleted')
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

describe('test users', () => {
  it('are new in every run, and what they stored is deleted', async () => {
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

  it('have ids from newUserId', async () => {
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
    expect(known.size).toBeGreaterThan(2 * count('attack') - 1)
  })
})
