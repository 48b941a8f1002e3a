import { randomBytes, randomUUID } from 'node:crypto'
import { inspect, isDeepStrictEqual } from 'node:util'
import { messageOf, QUERY, VERBATIM, type Harness, type TestUser } from './harness.ts'
import { legitimateUse, type IsolationCheck } from './isolation-check.ts'
import { recordsIn, type HandleMethod } from './memory-handle.ts'

/** What must keep working: a memory that refuses everything is of no use. */
export const legitimateUses: readonly IsolationCheck[] = [
  legitimateUse(
    'a user finds their own memories',
    'search, getAll, get and list return what the user stored.',
    async (harness, alice) => {
      for (const [method, args] of [
        ['search', [QUERY]],
        ['getAll', []],
        ['getAll', [{}]],
        ['list', []],
      ] as const) {
        await mustReturn(harness, alice, method, args)
      }
      const record = (await mustWork(harness, alice, 'get', alice.ids[0])) as { memory?: unknown } | undefined
      if (!String(record?.memory).includes(alice.secret))
        harness.report('get(own id) does not return the memory')
    },
  ),
  legitimateUse(
    'a user sees the same memories through every handle',
    'A second handle is made for the same id.',
    async (harness, alice) => {
      const again = await harness.createMemory(alice.userId)
      await mustReturn(harness, { ...alice, memory: again }, 'getAll', [])
    },
  ),
  legitimateUse(
    'a conversation, a text and metadata can be stored',
    'Metadata comes back as it was passed: nested, with lists, null and camelCase keys.',
    async (harness, alice) => {
      const metadata = {
        topic: 'food',
        deepValue: { camelCase: [1, 'two', { three: 3 }], no_case: true },
        nothing: null,
        n: 1.5,
      }
      const marks = [`text of ${alice.secret}`, `turn of ${alice.secret}`, `answer of ${alice.secret}`]
      await mustWork(harness, alice, 'add', marks[0], { ...VERBATIM, metadata })
      await mustWork(
        harness,
        alice,
        'add',
        [
          { role: 'user', content: marks[1] },
          { role: 'assistant', content: marks[2] },
        ],
        VERBATIM,
      )
      const records = await harness.waitForRecords(alice, 5)
      for (const mark of marks) {
        if (!records.some((record) => record['memory'] === mark))
          harness.report(`add() did not store ${inspect(mark)}`)
      }
      const kept = records.find((record) => record['memory'] === marks[0])?.['metadata'] as
        | Record<string, unknown>
        | undefined
      for (const [key, value] of Object.entries(metadata)) {
        if (isDeepStrictEqual(plain(kept?.[key]), value)) continue
        harness.report(`metadata ${key}: ${inspect(value)} came back as ${inspect(kept?.[key])}`)
      }
    },
  ),
  legitimateUse(
    'a user can change, rate and delete single memories and see their history',
    'update takes a text or a patch; batches and feedback are used where the back end has them.',
    async (harness, alice) => {
      const [first, second] = alice.ids
      const text = (number: number): string => `change ${number} of ${alice.secret}`
      const mustRead = async (id: string, wanted: string): Promise<void> => {
        const isChanged = await harness.waitUntil(async () => {
          const record = (await alice.memory.get(id as never)) as { memory?: unknown } | null
          return record?.memory === wanted
        })
        if (!isChanged) harness.report(`the text of a changed memory is not ${inspect(wanted)}`)
      }
      await mustWork(harness, alice, 'update', first, { text: text(1) })
      await mustRead(first, text(1))
      await mustWork(harness, alice, 'update', first, { text: text(2), metadata: { topic: 'changed' } })
      await mustRead(first, text(2))
      const history = await mustWork(harness, alice, 'history', first)
      if (history !== undefined && !inspect(history, { depth: 8 }).includes(text(1))) {
        harness.report('history(own id) does not show an earlier text')
      }
      if (
        (await mustWork(harness, alice, 'batchUpdate', [
          { memoryId: first, text: text(3) },
          { memoryId: second, text: text(4) },
        ])) !== undefined
      ) {
        await mustRead(first, text(3))
        await mustRead(second, text(4))
      }
      await mustWork(harness, alice, 'feedback', {
        memoryId: first,
        feedback: 'POSITIVE',
        feedbackReason: 'right',
      })
      await mustWork(harness, alice, 'delete', first)
      await mustBeGone(harness, alice, first)
      if ((await mustWork(harness, alice, 'batchDelete', [second])) !== undefined)
        await mustBeGone(harness, alice, second)
    },
  ),
  legitimateUse(
    'a user can delete everything',
    'deleteAll leaves nothing, nor does erase where the handle has it.',
    async (harness, alice, bob) => {
      await mustWork(harness, alice, 'deleteAll')
      for (const id of alice.ids) await mustBeGone(harness, alice, id)
      if (!('erase' in bob.memory)) return
      await mustWork(harness, bob, 'erase')
      for (const id of bob.ids) await mustBeGone(harness, bob, id)
    },
  ),
  legitimateUse(
    'filters narrow the results',
    "Filters by metadata and by run, OR and NOT over runs, and filters that repeat the bound user as mem0's documentation does.",
    async (harness, alice) => {
      const runs = ['one', 'two', 'three'].map((name) => `isolation-${name}-${alice.secret}`)
      for (const [index, runId] of runs.entries()) {
        await mustWork(harness, alice, 'add', `filtered ${index} of ${alice.secret}`, {
          ...VERBATIM,
          runId,
          metadata: { part: `part-${index}` },
        })
      }
      await harness.waitForRecords(alice, 5)
      const [one, two] = runs
      const { userId: user_id } = alice
      await mustFilter(harness, alice, [{}], [0, 1, 2])
      await mustFilter(harness, alice, [{ run_id: one }], [0])
      await mustFilter(harness, alice, [{ user_id, run_id: one }], [0])
      await mustFilter(harness, alice, [{ AND: [{ user_id }, { run_id: one }] }], [0])
      await mustFilter(harness, alice, [{ OR: [{ run_id: one }, { run_id: two }] }], [0, 1])
      await mustFilter(harness, alice, [{ run_id: one, NOT: [{ run_id: two }] }], [0])
      // Metadata is filtered by its own keys in mem0ai/oss, under `metadata` in the hosted API.
      await mustFilter(harness, alice, [{ metadata: { part: 'part-1' } }, { part: 'part-1' }], [1])
    },
  ),
  legitimateUse(
    'search options take effect',
    'topK limits the number of results; a threshold of 0 leaves none out.',
    async (harness, alice) => {
      const one = recordsIn(await mustWork(harness, alice, 'search', QUERY, { topK: 1 }))
      if (one.length !== 1) harness.report(`search(…, { topK: 1 }) returned ${one.length} of 2 records`)
      await mustReturn(harness, alice, 'search', [QUERY, { threshold: 0, topK: 20 }])
    },
  ),
  legitimateUse(
    'options that are frozen or reused stay unchanged',
    'Both users pass one options object to several calls, which leave it unchanged.',
    async (harness, alice, bob) => {
      const readOptions = Object.freeze({ topK: 10, filters: Object.freeze({}) })
      const writeOptions = Object.freeze({ ...VERBATIM, metadata: Object.freeze({ topic: 'reuse' }) })
      const own = { topK: 10, filters: { topic: 'nothing' } }
      await Promise.all(
        [alice, bob, alice].map(async (user, index) => {
          await mustWork(harness, user, 'search', QUERY, readOptions)
          await mustWork(harness, user, 'search', QUERY, own)
          await user.memory.add(`reuse ${index} of ${user.secret}` as never, writeOptions as never)
          await mustReturn(harness, user, 'search', [QUERY, readOptions])
        }),
      )
      if (!isDeepStrictEqual(own, { topK: 10, filters: { topic: 'nothing' } })) {
        harness.report(`search() changed the options it was given to ${inspect(own)}`)
      }
    },
  ),
  legitimateUse(
    'a narrowed handle works within its run',
    'What is stored through it is found through it and through the handle it was made from.',
    async (harness, alice) => {
      if (typeof alice.memory.within !== 'function') return
      const run = alice.memory.within({ runId: `isolation-run-${alice.secret}` } as never)
      const mark = `in a run of ${alice.secret}`
      await run.add(mark as never, VERBATIM as never)
      await harness.waitForRecords({ name: 'alice', memory: run, secret: mark }, 1)
      await harness.waitForRecords(alice, 3)
      if (recordsIn(await run.getAll()).length !== 1)
        harness.report('a narrowed handle returns memories outside its run')
    },
  ),
  legitimateUse(
    'a user can export everything',
    'exportAll, where the handle has it, yields each memory with its history.',
    async (harness, alice) => {
      const exported = (await mustWork(harness, alice, 'exportAll')) as unknown[] | undefined
      if (exported === undefined) return
      const text = inspect(exported, { depth: 8 })
      if (exported.length !== 2 || !alice.ids.every((id) => text.includes(id))) {
        harness.report(`exportAll() yields ${exported.length} of 2 memories`)
      }
    },
  ),
  legitimateUse(
    'ids of every common form are accepted and kept apart',
    'Ids from identity providers, e-mail addresses, names in any script, paths, and names of JavaScript properties.',
    async (harness) => {
      if (!harness.acceptsAnyUserId) return
      const part = randomBytes(6).toString('hex')
      for (const userId of [
        `auth0|${part}`,
        `google-oauth2|1${part}`,
        `${part}@example.com`,
        `O'Brien-${part}`,
        `user:${part}`,
        `urn:uuid:${randomUUID()}`,
        randomUUID(),
        String(BigInt(`0x${part}`)),
        `_${part}`,
        `María-José-${part}`,
        `王小明-${part}`,
        `עומר-${part}`,
        `user/${part}`,
        `a+b=c&d-${part}`,
        `50%-${part}`,
        `#1-${part}`,
        `did:plc:${part}`,
        `Alice-${part}`,
        `alice-${part}`,
        `👩‍💻-${part}`,
        `می‌خواهم-${part}`,
        part.padEnd(200, 'x'),
      ]) {
        try {
          const user = await harness.addUser(inspect(userId), userId)
          const records = recordsIn(await user.memory.getAll())
          if (records.length !== 2)
            harness.report(`the user ${inspect(userId)} stored 2 memories and sees ${records.length}`)
          await mustReturn(harness, user, 'search', [QUERY])
        } catch (error) {
          harness.report(`the user ${inspect(userId)} cannot be served: ${messageOf(error)}`)
        }
      }
      // Only read: these could be real users of the store under test.
      for (const userId of ['constructor', 'hasOwnProperty', '__proto__', '0', '_', '42']) {
        try {
          await (await harness.createMemory(userId)).getAll()
        } catch (error) {
          harness.report(`the user ${inspect(userId)} cannot be served: ${messageOf(error)}`)
        }
      }
    },
  ),
]

/** Makes a call that has to work. Returns `undefined` when the handle or its back end does not support it. */
async function mustWork(
  harness: Harness,
  user: TestUser,
  method: HandleMethod,
  ...args: readonly unknown[]
): Promise<unknown> {
  const outcome = await harness.call(user, method, ...args)
  if (outcome.kind === 'resolved') return outcome.result ?? null
  if (outcome.kind === 'rejected' && !isUnsupported(outcome.error)) {
    harness.report(
      `${method}(${args.map((arg) => harness.show(arg)).join(', ')}) was refused: ${messageOf(outcome.error)}`,
    )
  }
  return undefined
}

async function mustReturn(
  harness: Harness,
  user: TestUser,
  method: HandleMethod,
  args: readonly unknown[],
): Promise<void> {
  const result = await mustWork(harness, user, method, ...args)
  if (result === undefined) return
  const ids = recordsIn(result).map((record) => record['id'])
  const missing = user.ids.filter((id) => !ids.includes(id))
  if (missing.length > 0) {
    harness.report(
      `${method}(${args.map((arg) => harness.show(arg)).join(', ')}) is missing ${missing.length} of the user's 2 memories`,
    )
  }
}

async function mustBeGone(harness: Harness, user: TestUser, id: string): Promise<void> {
  const isGone = await harness.waitUntil(
    async () => !recordsIn(await user.memory.getAll()).some((record) => record['id'] === id),
  )
  if (!isGone) harness.report('a deleted memory is still listed')
}

/** Checks that a filter finds exactly these parts, in at least one of the spellings that back ends have for it. */
async function mustFilter(
  harness: Harness,
  { memory }: TestUser,
  spellings: readonly object[],
  wanted: readonly number[],
): Promise<void> {
  const read = {
    search: (filters: object) =>
      memory.search('filtered' as never, { filters, topK: 20, threshold: 0 } as never),
    getAll: (filters: object) => memory.getAll({ filters } as never),
  }
  for (const method of ['search', 'getAll'] as const) {
    const problems: string[] = []
    for (const filters of spellings) {
      const label = `${method}({ filters: ${harness.show(filters)} })`
      try {
        const texts = recordsIn(await read[method](filters)).map((record) => String(record['memory']))
        const found = texts
          .flatMap((text) => /^filtered (\d) of/.exec(text)?.[1] ?? [])
          .map(Number)
          .sort()
        if (!isDeepStrictEqual(found, wanted))
          problems.push(`${label} found the parts [${found.join(', ')}], not [${wanted.join(', ')}]`)
      } catch (error) {
        problems.push(`${label} was refused: ${messageOf(error)}`)
      }
    }
    if (problems.length === spellings.length) for (const problem of problems) harness.report(problem)
  }
}

function isUnsupported(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'UNSUPPORTED'
}

// Objects parsed from JSON in another realm have other prototypes.
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}
