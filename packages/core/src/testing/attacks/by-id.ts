import { randomUUID } from 'node:crypto'
import { check, type IsolationCheck } from '../isolation-check.ts'
import { messageOf, type Outcome, type Party } from '../harness.ts'
import { changing, coercible, pathIds } from './hostile-input.ts'

/** Attacks by the id of a memory. */
export const byIdAttacks: readonly IsolationCheck[] = [
  check(
    "get does not read another user's memory",
    'mem0 gets a memory by its id alone, whoever asks.',
    async (stage, alice, bob) => {
      for (const id of bob.ids) await stage.tries(alice, 'get', id)
    },
  ),
  check(
    "history does not read another user's memory",
    'mem0 keeps every earlier text of a memory and shows it by its id alone.',
    async (stage, alice, bob) => {
      const [id] = bob.ids
      await bob.memory.update(id as never, { text: `The door code was changed, ${bob.secret}` } as never)
      stage.changed(bob)
      await stage.tries(alice, 'history', id)
    },
  ),
  check(
    "update does not change another user's memory",
    'mem0 changes a memory by its id alone.',
    async (stage, alice, bob) => {
      const [id, other] = bob.ids
      await stage.tries(alice, 'update', id, { text: `Overwritten by ${alice.secret}` })
      await stage.tries(alice, 'update', other, `Overwritten by ${alice.secret}`)
      await stage.tries(alice, 'update', other, { metadata: { topic: alice.secret } })
    },
  ),
  check(
    "delete does not delete another user's memory",
    'mem0 deletes a memory by its id alone.',
    async (stage, alice, bob) => {
      for (const id of bob.ids) await stage.tries(alice, 'delete', id)
      await stage.tries(alice, 'delete', bob.ids[0], { deleteLinked: true })
    },
  ),
  check(
    "a batch of changes does not reach another user's memory",
    "One id of the batch is the other user's, first, last, and changing between two looks.",
    async (stage, alice, bob) => {
      const text = `Overwritten by ${alice.secret}`
      const [own] = alice.ids
      const [foreign] = bob.ids
      await stage.tries(alice, 'batchUpdate', [{ memoryId: foreign, text }])
      await stage.tries(alice, 'batchUpdate', [
        { memoryId: foreign, text },
        { memoryId: own, text },
      ])
      await stage.tries(alice, 'batchUpdate', [
        { memoryId: own, text },
        { memoryId: foreign, text },
      ])
      await stage.tries(alice, 'batchUpdate', [Object.assign(changing('memoryId', own, foreign), { text })])
    },
  ),
  check(
    "a batch of deletions does not reach another user's memory",
    "One id of the batch is the other user's, first, last, and changing between two looks.",
    async (stage, alice, bob) => {
      const [own, second] = alice.ids
      await stage.tries(alice, 'batchDelete', bob.ids)
      await stage.tries(alice, 'batchDelete', [bob.ids[0], own])
      await stage.tries(alice, 'batchDelete', [own, bob.ids[0]])
      await stage.tries(alice, 'batchDelete', [{ toString: () => bob.ids[0] }])
      await stage.tries(
        alice,
        'batchDelete',
        Object.assign([], { length: 1 }, changing('0', second, bob.ids[0])),
      )
      const list = Object.defineProperty([second], 0, {
        enumerable: true,
        get: alternating(second, bob.ids[0]),
      })
      await stage.tries(alice, 'batchDelete', list)
    },
  ),
  check(
    "feedback does not rate another user's memory",
    'mem0 rates a memory by its id alone.',
    async (stage, alice, bob) => {
      for (const feedback of ['POSITIVE', 'VERY_NEGATIVE']) {
        const { kind } = await stage.tries(alice, 'feedback', { memoryId: bob.ids[0], feedback })
        if (kind === 'answered')
          stage.found(`feedback({ memoryId: <id of a memory of bob> }) was accepted from alice`)
      }
    },
  ),
  check(
    'an id that is a path reads nothing else',
    'Ids such as ".", "..", "user/bob" or "%2e" become other routes of the hosted API: lists, other records.',
    async (stage, alice, bob) => {
      for (const id of pathIds(alice, bob)) {
        await stage.tries(alice, 'get', id)
        await stage.tries(alice, 'history', id)
      }
    },
  ),
  check(
    'an id that is a path changes and deletes nothing else',
    'delete(".") with a user as option is a delete of everything that user has; so are other ids that are paths.',
    async (stage, alice, bob) => {
      const text = `Overwritten by ${alice.secret}`
      for (const id of pathIds(alice, bob)) {
        await stage.tries(alice, 'update', id, { text })
        await stage.tries(alice, 'delete', id, { userId: bob.userId })
        await stage.tries(alice, 'delete', id, { user_id: bob.userId })
        await stage.tries(alice, 'batchDelete', [id])
        await stage.tries(alice, 'batchUpdate', [{ memoryId: id, text }])
      }
    },
  ),
  check(
    'an id that is no string is not made one',
    'An array, or an object whose toString answers differently the second time, passes a check and then names another memory.',
    async (stage, alice, bob) => {
      const [own] = alice.ids
      const [foreign] = bob.ids
      for (const method of ['get', 'history', 'delete'] as const) {
        for (const id of coercible(own, foreign)) await stage.tries(alice, method, id)
      }
      for (const id of coercible(own, foreign))
        await stage.tries(alice, 'update', id, { text: `Overwritten by ${alice.secret}` })
      for (const id of coercible(own, foreign))
        await stage.tries(alice, 'feedback', { memoryId: id, feedback: 'NEGATIVE' })
    },
  ),
  check(
    "another user's id is answered like nobody's",
    'If the answer for a memory of another user differs from the answer for none, it tells that the memory is there.',
    async (stage, alice, bob) => {
      for (const method of ['get', 'history', 'delete', 'update', 'feedback'] as const) {
        const ask = async (id: string): Promise<string> => {
          const args =
            method === 'feedback'
              ? [{ memoryId: id, feedback: 'POSITIVE' }]
              : method === 'update'
                ? [id, `Overwritten by ${alice.secret}`]
                : [id]
          return shape(await stage.tries(alice, method, ...args), id)
        }
        const nobodys = await ask(randomUUID())
        const foreign = await ask(bob.ids[0])
        if (nobodys === foreign) continue
        stage.found(
          `${method}() answers an id that nobody has by ${nobodys}, and another user's id otherwise`,
        )
      }
    },
  ),
  check(
    'a deleted memory is shown to nobody else',
    'The history of a memory outlives it in mem0ai/oss and does not say whose it was.',
    async (stage, alice, bob) => {
      const [first, second] = bob.ids
      await bob.memory.delete(first as never)
      await bob.memory.deleteAll()
      await stage.until(async () => (await gone(bob, first)) && (await gone(bob, second)))
      stage.changed(bob)
      for (const id of [first, second]) {
        await stage.tries(alice, 'get', id)
        await stage.tries(alice, 'history', id)
        await stage.tries(alice, 'update', id, { text: `Brought back by ${alice.secret}` })
      }
    },
  ),
]

function alternating(first: unknown, then: unknown): () => unknown {
  let looks = 0
  return () => (looks++ === 0 ? first : then)
}

async function gone({ memory }: Party, id: string): Promise<boolean> {
  return memory.get(id as never).then(
    (record) => record === null || record === undefined,
    () => true,
  )
}

function shape(outcome: Outcome, id: string): string {
  if (outcome.kind === 'absent') return 'absent'
  if (outcome.kind === 'answered')
    return `the answer ${JSON.stringify(outcome.answer)}`.replaceAll(id, '<id>')
  const { name, code, status } = outcome.error as { name?: unknown; code?: unknown; status?: unknown }
  return `the error ${[name, code, status, messageOf(outcome.error).replaceAll(id, '<id>')].filter(Boolean).join(' · ')}`
}
