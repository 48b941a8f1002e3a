import { randomUUID } from 'node:crypto'
import { messageOf, type Outcome, type TestUser } from '../harness.ts'
import { attack, type IsolationCheck } from '../isolation-check.ts'
import { changingProperty, coercibleIds, firstThen, pathIds } from './hostile-input.ts'

/** Attacks that name a single memory by its id. */
export const singleMemoryAttacks: readonly IsolationCheck[] = [
  attack(
    "get does not read another user's memory",
    'mem0 returns a memory for its id alone, whoever asks.',
    async (harness, alice, bob) => {
      for (const id of bob.ids) await harness.call(alice, 'get', id)
    },
  ),
  attack(
    "history does not read another user's memory",
    'mem0 keeps every earlier text of a memory and returns it for the id alone.',
    async (harness, alice, bob) => {
      const [id] = bob.ids
      await bob.memory.update(id as never, { text: `The door code was changed, ${bob.secret}` } as never)
      harness.markChanged(bob)
      await harness.call(alice, 'history', id)
    },
  ),
  attack(
    "update does not change another user's memory",
    'mem0 changes a memory for its id alone.',
    async (harness, alice, bob) => {
      const [id, other] = bob.ids
      await harness.call(alice, 'update', id, { text: `Overwritten by ${alice.secret}` })
      await harness.call(alice, 'update', other, `Overwritten by ${alice.secret}`)
      await harness.call(alice, 'update', other, { metadata: { topic: alice.secret } })
    },
  ),
  attack(
    "delete does not delete another user's memory",
    'mem0 deletes a memory for its id alone.',
    async (harness, alice, bob) => {
      for (const id of bob.ids) await harness.call(alice, 'delete', id)
      await harness.call(alice, 'delete', bob.ids[0], { deleteLinked: true })
    },
  ),
  attack(
    "batchUpdate does not change another user's memory",
    "One id of the batch is the other user's: the first, the last, and one that changes between two reads.",
    async (harness, alice, bob) => {
      const text = `Overwritten by ${alice.secret}`
      const [own] = alice.ids
      const [foreign] = bob.ids
      await harness.call(alice, 'batchUpdate', [{ memoryId: foreign, text }])
      await harness.call(alice, 'batchUpdate', [
        { memoryId: foreign, text },
        { memoryId: own, text },
      ])
      await harness.call(alice, 'batchUpdate', [
        { memoryId: own, text },
        { memoryId: foreign, text },
      ])
      await harness.call(alice, 'batchUpdate', [
        Object.assign(changingProperty('memoryId', own, foreign), { text }),
      ])
    },
  ),
  attack(
    "batchDelete does not delete another user's memory",
    "One id of the batch is the other user's: the first, the last, and one that changes between two reads.",
    async (harness, alice, bob) => {
      const [own, second] = alice.ids
      await harness.call(alice, 'batchDelete', bob.ids)
      await harness.call(alice, 'batchDelete', [bob.ids[0], own])
      await harness.call(alice, 'batchDelete', [own, bob.ids[0]])
      await harness.call(alice, 'batchDelete', [{ toString: () => bob.ids[0] }])
      await harness.call(
        alice,
        'batchDelete',
        Object.assign([], { length: 1 }, changingProperty('0', second, bob.ids[0])),
      )
      const list = Object.defineProperty([second], 0, {
        enumerable: true,
        get: firstThen<unknown>(second, bob.ids[0]),
      })
      await harness.call(alice, 'batchDelete', list)
    },
  ),
  attack(
    "feedback does not rate another user's memory",
    'mem0 rates a memory for its id alone.',
    async (harness, alice, bob) => {
      for (const feedback of ['POSITIVE', 'VERY_NEGATIVE']) {
        const { kind } = await harness.call(alice, 'feedback', { memoryId: bob.ids[0], feedback })
        if (kind === 'resolved')
          harness.report('feedback({ memoryId: <id of a memory of bob> }) was accepted from alice')
      }
    },
  ),
  attack(
    'an id that is a path reads nothing else',
    'Ids such as ".", "..", "user/bob" or "%2e" lead to other routes of the hosted API: to lists and to other records.',
    async (harness, alice, bob) => {
      for (const id of pathIds(alice, bob)) {
        await harness.call(alice, 'get', id)
        await harness.call(alice, 'history', id)
      }
    },
  ),
  attack(
    'an id that is a path changes and deletes nothing else',
    'delete(".") with a user as an option deletes everything that user has; so do other ids that are paths.',
    async (harness, alice, bob) => {
      const text = `Overwritten by ${alice.secret}`
      for (const id of pathIds(alice, bob)) {
        await harness.call(alice, 'update', id, { text })
        await harness.call(alice, 'delete', id, { userId: bob.userId })
        await harness.call(alice, 'delete', id, { user_id: bob.userId })
        await harness.call(alice, 'batchDelete', [id])
        await harness.call(alice, 'batchUpdate', [{ memoryId: id, text }])
      }
    },
  ),
  attack(
    'an id that is not a string is not coerced to one',
    'An array, or an object whose toString changes on the second call, passes a check and then names another memory.',
    async (harness, alice, bob) => {
      const [own] = alice.ids
      const [foreign] = bob.ids
      for (const method of ['get', 'history', 'delete'] as const) {
        for (const id of coercibleIds(own, foreign)) await harness.call(alice, method, id)
      }
      for (const id of coercibleIds(own, foreign))
        await harness.call(alice, 'update', id, { text: `Overwritten by ${alice.secret}` })
      for (const id of coercibleIds(own, foreign))
        await harness.call(alice, 'feedback', { memoryId: id, feedback: 'NEGATIVE' })
    },
  ),
  attack(
    "the id of another user's memory is treated like an id that does not exist",
    "If the outcome differs between another user's memory and a missing one, it reveals that the memory exists.",
    async (harness, alice, bob) => {
      for (const method of ['get', 'history', 'delete', 'update', 'feedback'] as const) {
        const ask = async (id: string): Promise<string> => {
          const args =
            method === 'feedback'
              ? [{ memoryId: id, feedback: 'POSITIVE' }]
              : method === 'update'
                ? [id, `Overwritten by ${alice.secret}`]
                : [id]
          return textOf(await harness.call(alice, method, ...args), id)
        }
        const missing = await ask(randomUUID())
        const foreign = await ask(bob.ids[0])
        if (missing === foreign) continue
        harness.report(
          `${method}() gives ${missing} for an id that does not exist, and something else for bob's`,
        )
      }
    },
  ),
  attack(
    'a deleted memory stays hidden from other users',
    'In mem0ai/oss the history of a memory outlives the memory and does not name its owner.',
    async (harness, alice, bob) => {
      const [first, second] = bob.ids
      await bob.memory.delete(first as never)
      await bob.memory.deleteAll()
      await harness.waitUntil(async () => (await isGone(bob, first)) && (await isGone(bob, second)))
      harness.markChanged(bob)
      for (const id of [first, second]) {
        await harness.call(alice, 'get', id)
        await harness.call(alice, 'history', id)
        await harness.call(alice, 'update', id, { text: `Brought back by ${alice.secret}` })
      }
    },
  ),
]

async function isGone({ memory }: TestUser, id: string): Promise<boolean> {
  return memory.get(id as never).then(
    (record) => record === null || record === undefined,
    () => true,
  )
}

function textOf(outcome: Outcome, id: string): string {
  if (outcome.kind === 'absent') return 'absent'
  if (outcome.kind === 'resolved')
    return `the result ${JSON.stringify(outcome.result)}`.replaceAll(id, '<id>')
  const { name, code, status } = outcome.error as { name?: unknown; code?: unknown; status?: unknown }
  return `the error ${[name, code, status, messageOf(outcome.error).replaceAll(id, '<id>')].filter(Boolean).join(' · ')}`
}
