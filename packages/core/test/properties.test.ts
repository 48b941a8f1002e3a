import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ScopedMemoryError, type MemoryRecord, type ScopedMemory } from '../src/index.ts'
import { onEveryBackend } from './support/every-backend.ts'

const RUNS = 60
const COLORS = ['red', 'green', 'blue']

interface Row {
  text: string
  color: string
  size: number
  run: string
}
const rows = fc.array(
  fc.record({
    text: fc.constantFrom('tea', 'coffee', 'water'),
    color: fc.constantFrom(...COLORS),
    size: fc.integer({ min: 0, max: 4 }),
    run: fc.constantFrom('r1', 'r2'),
  }),
  { minLength: 1, maxLength: 6 },
)

// A filter beside what it means. Each part is one field with one kind of condition, as both engines take it.
type Meaning = (row: Row) => boolean
type Part = { key: string; condition: unknown; holds: Meaning }
const part: fc.Arbitrary<Part> = fc.oneof(
  fc
    .constantFrom(...COLORS)
    .map((color) => ({ key: 'color', condition: color, holds: (row: Row) => row.color === color })),
  fc.subarray(COLORS, { minLength: 1 }).map((some) => ({
    key: 'color',
    condition: { in: some },
    holds: (row: Row) => some.includes(row.color),
  })),
  fc
    .constantFrom(...COLORS)
    .map((color) => ({ key: 'color', condition: { ne: color }, holds: (row: Row) => row.color !== color })),
  fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })).map(([from, to]) => ({
    key: 'size',
    condition: { gte: from, lte: to },
    holds: (row: Row) => row.size >= from && row.size <= to,
  })),
  fc
    .integer({ min: 0, max: 4 })
    .map((size) => ({ key: 'size', condition: { gt: size }, holds: (row: Row) => row.size > size })),
)
const filter = fc
  .record({
    all: fc.uniqueArray(part, { maxLength: 2, selector: ({ key }) => key }),
    anyOf: fc.array(part, { maxLength: 2 }),
    noneOf: fc.array(part, { maxLength: 2 }),
    run: fc.option(fc.constantFrom('r1', 'r2', '*'), { nil: undefined }),
    style: fc.constantFrom('flat', 'AND'),
  })
  .map(({ all, anyOf, noneOf, run, style }) => ({
    holds: (row: Row) =>
      all.every(({ holds }) => holds(row)) &&
      (anyOf.length === 0 || anyOf.some(({ holds }) => holds(row))) &&
      !noneOf.some(({ holds }) => holds(row)) &&
      (run === undefined || run === '*' || row.run === run),
    written: (userId: string, hosted: boolean) => {
      const one = ({ key, condition }: Part) =>
        hosted ? { metadata: { [key]: condition } } : { [key]: condition }
      const oneOperator = (item: Part) =>
        hosted || typeof item.condition !== 'object' || Object.keys(item.condition as object).length === 1
      if (![...anyOf, ...noneOf].every(oneOperator)) return undefined
      const fields = all.map(one)
      return {
        ...(style === 'flat' && !hosted
          ? (Object.assign({}, ...fields) as object)
          : { AND: [{ user_id: userId }, ...fields] }),
        ...(anyOf.length > 0 && { OR: anyOf.map(one) }),
        ...(noneOf.length > 0 && { NOT: noneOf.map(one) }),
        ...(run !== undefined && { run_id: run }),
      }
    },
  }))

// Whatever an attacker might put where data is expected; every name and value that means something to a back end.
const NAMES = [
  'user_id',
  'userId',
  'USER_ID',
  'AND',
  'OR',
  'NOT',
  '$or',
  '$and',
  'run_id',
  'agent_id',
  'color',
  'metadata',
  'filters',
  'ne',
  'in',
  'topK',
  'fields',
  'page',
  'constructor',
  '__proto__',
  'toJSON',
  'zz = 1 OR user_id',
  'org_id',
]
const hostile = (bob: string, bobsId: string) =>
  fc.letrec((tie) => ({
    leaf: fc.oneof(
      fc.constantFrom<unknown>(
        bob,
        bobsId,
        '*',
        '.',
        '..',
        '',
        null,
        true,
        1,
        -1,
        1.5,
        Number.NaN,
        undefined,
        'red',
        `x' OR '1'='1`,
      ),
      fc.string({ maxLength: 8 }),
    ),
    node: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      tie('leaf'),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 5 })), tie('node'), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
      fc.constantFrom(bob).map((id) => ({ toJSON: () => ({ user_id: id }) })),
      fc.constantFrom(bob).map((id) => JSON.parse(`{"__proto__":{"ne":"x"},"user_id":"${id}"}`) as unknown),
      fc.constantFrom(bob).map((id) => ({
        get user_id() {
          return id
        },
      })),
    ),
  })).node

onEveryBackend((backend, name) => {
  const hosted = name === 'hosted'

  async function seeded(memory: ScopedMemory, all: readonly Row[]): Promise<void> {
    for (const { text, color, size, run } of all)
      await memory.add(text, { infer: false, runId: run, metadata: { color, size } })
  }
  const shape = ({ memory, metadata, runId }: MemoryRecord) =>
    JSON.stringify([memory, metadata?.['color'], metadata?.['size'], runId])
  const meant = (all: readonly Row[], holds: Meaning) =>
    all
      .filter(holds)
      .map(({ text, color, size, run }) => JSON.stringify([text, color, size, run]))
      .sort()

  it('legitimate filters find exactly what they say, of this user only', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, filter, async (alices, bobs, { holds, written }) => {
        const [aliceId, bobId] = [`alice-${randomUUID()}`, `bob-${randomUUID()}`]
        const filters = written(aliceId, hosted)
        fc.pre(filters !== undefined)
        const [alice, bob] = [backend.memoryFor(aliceId), backend.memoryFor(bobId)]
        await Promise.all([seeded(alice, alices), seeded(bob, bobs)])
        const expected = meant(alices, holds)
        const all = { topK: 100, threshold: 0 }
        expect(
          (await alice.search('tea coffee water', { ...all, filters })).results.map(shape).sort(),
        ).toEqual(expected)
        expect(
          (await alice.getAll({ filters, ...(hosted ? { pageSize: 100 } : { topK: 100 }) })).results
            .map(shape)
            .sort(),
        ).toEqual(expected)
        const listed: string[] = []
        for await (const record of alice.list({ filters })) listed.push(shape(record))
        expect(listed.sort()).toEqual(expected)
      }),
      { numRuns: RUNS },
    )
  })

  it('whatever is passed, no record of another user is returned, changed, deleted or counted', async () => {
    const [aliceId, bobId] = [`alice-${randomUUID()}`, `bob-${randomUUID()}`]
    const [alice, bob] = [backend.memoryFor(aliceId), backend.memoryFor(bobId)]
    await bob.add('secret of bob', { infer: false, runId: 'r1', metadata: { color: 'red' } })
    await alice.add('of alice', { infer: false, runId: 'r1', metadata: { color: 'red' } })
    const before = (await bob.getAll()).results
    const bobsId = before[0]!.id
    const input = hostile(bobId, bobsId)
    const operations = [
      'add',
      'search',
      'getAll',
      'get',
      'update',
      'delete',
      'history',
      'feedback',
      'batchUpdate',
      'batchDelete',
      'deleteAll',
      'erase',
    ] as const

    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...operations), input, input, async (operation, first, second) => {
        const call = alice[operation].bind(alice) as (...args: unknown[]) => Promise<unknown>
        const args =
          operation === 'search'
            ? ['secret', fc.stringify(first).length % 2 ? first : { filters: first }]
            : [first, second]
        const answer = await call(...args).catch((error: unknown) => {
          // mem0's own errors may come through for what is Alice's own; ours must come for the rest.
          if (
            !(error instanceof ScopedMemoryError) &&
            !(
              error instanceof Error &&
              /Memory|HTTP|mem0|vector|update/i.test(`${error.name} ${error.message}`)
            )
          )
            throw error
          expect(String(error)).not.toContain('secret of bob')
        })
        expect(JSON.stringify(answer ?? null)).not.toContain('secret of bob')
        expect(({} as Record<string, unknown>)['ne']).toBeUndefined()
      }),
      { numRuns: RUNS * 8 },
    )
    expect((await bob.getAll()).results).toEqual(before)
  })

  it('two users in any order of operations: each has what the order says', async () => {
    const steps = fc.array(
      fc.tuple(
        fc.constantFrom('alice', 'bob'),
        fc.constantFrom('add', 'update', 'delete', 'deleteAll', 'steal'),
        fc.nat(5),
      ),
      { maxLength: 14 },
    )
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const users = {
          alice: backend.memoryFor(`alice-${randomUUID()}`),
          bob: backend.memoryFor(`bob-${randomUUID()}`),
        }
        const expected: Record<string, Map<string, string>> = { alice: new Map(), bob: new Map() }
        let counter = 0
        for (const [who, what, nth] of script as ['alice' | 'bob', string, number][]) {
          const [memory, own] = [users[who], expected[who]!]
          const id = [...own.keys()][nth % Math.max(own.size, 1)]
          if (what === 'add') {
            const text = `${who} ${counter++}`
            const { results } = await memory.add(text, { infer: false })
            own.set(results[0]!.id, text)
          } else if (what === 'update' && id !== undefined) {
            own.set(id, `${who} changed ${counter++}`)
            await memory.update(id, own.get(id)!)
          } else if (what === 'delete' && id !== undefined) {
            own.delete(id)
            await memory.delete(id)
          } else if (what === 'deleteAll') {
            own.clear()
            await memory.deleteAll()
          } else if (what === 'steal') {
            const other = who === 'alice' ? 'bob' : 'alice'
            const [theirs] = [...expected[other]!.keys()]
            if (theirs === undefined) continue
            for (const call of [
              memory.get(theirs),
              memory.update(theirs, 'stolen'),
              memory.delete(theirs),
              memory.batchDelete([theirs]),
            ]) {
              await expect(call).rejects.toMatchObject({ code: 'MEMORY_NOT_FOUND' })
            }
          }
        }
        for (const who of ['alice', 'bob'] as const) {
          const all = new Map<string, string>()
          for await (const { id, memory } of users[who].list()) all.set(id, memory!)
          expect(all).toEqual(expected[who])
        }
      }),
      { numRuns: RUNS / 2 },
    )
  })
})
