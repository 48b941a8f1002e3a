import { openPglite, openSqlite } from '../support/backends.ts'
import { OLDEST } from '../support/mem0.ts'
import { Leak, threats, type Attack, type Harness } from './attack.ts'

// It reads the rows of one user at a time, and "*" is the id of none.
const POSTGRES = 'Postgres in the process'

const json = (text: string) => JSON.parse(text) as Record<string, unknown>

/** Reads that Alice may make and that must not show what is Bob's. */
function reads(title: string, filters: (harness: Harness) => unknown[]): Attack {
  return {
    title,
    async run(harness) {
      for (const filter of filters(harness)) {
        harness.mustNotShowBob(
          await harness.attempt(() => harness.memory.search('secret', { filters: filter, threshold: 0 })),
        )
        harness.mustNotShowBob(await harness.attempt(() => harness.memory.getAll({ filters: filter })))
      }
    },
  }
}

const attacks: Attack[] = [
  reads('23 · a user under AND, which mem0 merges over the top', ({ bob, alice }) => [
    { user_id: alice, AND: [{ user_id: bob }] },
    { user_id: 'x', AND: [{ user_id: bob }] },
    { user_id: 'x', AND: [{ user_id: '*' }] },
    { user_id: 'x', AND: [{ user_id: { ne: 'zz' } }] },
    json(`{"user_id":"x","AND":[{"user_id":"${bob}"}]}`),
  ]),
  {
    title: '24 · a __proto__ in a JSON body, which mem0 writes to every object',
    async run({ memory, attempt }) {
      const polluted = () => ({}) as Record<string, unknown>
      try {
        for (const filters of [
          json('{"__proto__":{"ne":"zz"}}'),
          json('{"AND":[{"__proto__":{"eq":"P"}}]}'),
          json('{"OR":[{"__proto__":{"in":["x"]}}]}'),
          json('{"NOT":[{"__proto__":{"gt":1}}]}'),
        ]) {
          await attempt(() => memory.search('secret', { filters }))
        }
        for (const operator of ['ne', 'eq', 'in', 'gt']) {
          if (polluted()[operator] !== undefined)
            throw new Leak(`every object of the process has "${operator}"`)
        }
      } finally {
        for (const operator of ['ne', 'eq', 'in', 'gt'])
          delete (Object.prototype as Record<string, unknown>)[operator]
      }
    },
  },
  {
    title: '25 · a user id that mem0 trims or converts into another',
    async run({ memoryFor, attempt, bob, mustNotShowBob }) {
      for (const id of [
        `${bob} `,
        `\t${bob}`,
        `\u00a0${bob}`,
        `\ufeff${bob}`,
        `${bob}\u2003`,
        `\u2028${bob}`,
        [bob],
        new String(bob),
        { toString: () => bob },
      ]) {
        mustNotShowBob(await attempt(async () => memoryFor(id).getAll()))
      }
    },
  },
  {
    title: '26 · the user id *',
    stoppedByStoreOf: [POSTGRES],
    async run({ memoryFor, attempt, mustNotShowBob, mustBeIntact }) {
      mustNotShowBob(await attempt(async () => memoryFor('*').getAll({ topK: 1000 })))
      mustNotShowBob(
        await attempt(async () => memoryFor(' * ').search('secret', { threshold: 0, topK: 1000 })),
      )
      await mustBeIntact()
    },
  },
  {
    title: '27 · one options object shared by the adds of two users',
    async run({ memoryFor, alice, bob, rowsOf, attempt }) {
      const defaults = { filters: {}, infer: false, metadata: { source: 'chat' } }
      const add = (user: string, text: string) => async () => {
        const memory = memoryFor(user)
        // A handle refuses filters on add; what is left of the shared object is shared.
        await attempt(() => memory.add(text, defaults))
        await memory.add(`${text}, again`, { infer: defaults.infer, metadata: defaults.metadata })
      }
      await Promise.all([add(alice, 'ALICE-PRIVATE therapy notes')(), add(bob, 'bob says hello')()])
      await attempt(() => memoryFor(alice).add('run of alice', { ...defaults, runId: 'sticky' }))
      await attempt(() => memoryFor(bob).add('later', defaults))
      const bobs = JSON.stringify(await rowsOf(bob))
      if (bobs.includes('ALICE')) throw new Leak("Alice's memory was filed under Bob")
      if (bobs.includes('sticky')) throw new Leak("Alice's run was filed under Bob")
      if (Object.keys(defaults.filters).length > 0) throw new Leak("the caller's object was written to")
      const bobsOwn = (await rowsOf(bob)).filter(
        ({ memory }) => memory.startsWith('bob says') || memory === 'later',
      )
      for (const { id } of bobsOwn) await memoryFor(bob).delete(id)
    },
  },
  {
    title: '28 · filters on add that answer with another user',
    async run({ memory, attempt, bob, mustBeIntact }) {
      const filters = Object.defineProperty({}, 'user_id', {
        get: () => bob,
        set: () => undefined,
        enumerable: true,
      })
      await attempt(() => memory.add('planted by alice', { filters, infer: false }))
      await mustBeIntact()
    },
  },
  {
    title: '29 · no user, but a run that another user has too',
    stoppedByStoreOf: [POSTGRES],
    async run({ memoryFor, attempt, run, mustNotShowBob }) {
      mustNotShowBob(await attempt(async () => memoryFor(undefined).getAll({ filters: { run_id: run } })))
      mustNotShowBob(
        await attempt(async () =>
          memoryFor(undefined).search('secret', { filters: { run_id: run }, threshold: 0 }),
        ),
      )
    },
  },
  {
    title: '30 · conditions that a store drops when a filter has two lists of them',
    async run({ memory, attempt, mustNotShowBob }) {
      await memory.add('red note', { infer: false, metadata: { color: 'red', size: 1 } })
      await memory.add('blue note', { infer: false, metadata: { color: 'blue', size: 2 } })
      for (const [filters, expected] of [
        [{ AND: [{ color: 'red' }, { size: 1 }] }, ['red note']],
        [{ color: 'red', AND: [{ AND: [{ size: 1 }] }] }, ['red note']],
        [{ $and: [{ color: 'red' }], AND: [{ size: 2 }] }, []],
      ] as const) {
        for (const answer of [
          await attempt(() => memory.getAll({ filters })),
          await attempt(() => memory.search('note', { filters, threshold: 0 })),
        ] as ({ results: { memory: string }[] } | undefined)[]) {
          mustNotShowBob(answer)
          const found = answer?.results.map(({ memory: text }) => text)
          if (found !== undefined && found.join() !== expected.join()) {
            throw new Leak(`the filter was not evaluated as written: ${found.join(', ')}`)
          }
        }
      }
    },
  },
  {
    title: "17 · calls by another user's memory id",
    async run(harness) {
      const { memory, bobsId, attempt, mustNotShowBob, mustBeIntact } = harness
      for (const call of [
        () => memory.get(bobsId),
        () => memory.history(bobsId),
        () => memory.update(bobsId, 'planted'),
        () => memory.delete(bobsId),
        () => memory.get([bobsId]),
      ]) {
        mustNotShowBob(await attempt(call))
        await mustBeIntact()
      }
    },
  },
  {
    title: '18 · the history of a memory that was deleted',
    async run({ memory, memoryFor, bob, attempt }) {
      const text = 'has diabetes'
      await memoryFor(bob).add(text, { infer: false })
      const mine = ((await memoryFor(bob).getAll()) as { results: { id: string; memory: string }[] }).results
      const { id } = mine.find((row) => row.memory === text)!
      await memoryFor(bob).delete(id)
      for (const reader of [memory, memoryFor(bob)]) {
        if (JSON.stringify((await attempt(() => reader.history(id))) ?? null).includes(text)) {
          throw new Leak('the deleted text was shown')
        }
      }
    },
  },
  {
    title: '3 · deleteAll of a run, by option',
    async run({ memory, attempt, run, memoryFor, alice, rowsOf }) {
      await memory.add('of another run', { infer: false, runId: 'other' })
      await attempt(() =>
        memory.deleteAll({ userId: alice, user_id: 'x', agentId: undefined, runId: run, appId: 'x' }),
      )
      await attempt(() => memoryFor(alice).deleteAll({ runId: 'other' }))
      if ((await rowsOf(alice)).length !== 2) throw new Leak('an option chose what is deleted')
    },
  },
]

threats('SQLite', openSqlite, attacks)
threats('SQLite, oldest mem0ai', () => openSqlite(OLDEST), attacks)
threats(POSTGRES, openPglite, attacks)
