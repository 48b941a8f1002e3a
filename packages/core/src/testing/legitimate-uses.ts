import { randomBytes, randomUUID } from 'node:crypto'
import { inspect, isDeepStrictEqual } from 'node:util'
import { check, type IsolationCheck } from './isolation-check.ts'
import { rowsOf, type Method } from './memory-handle.ts'
import { messageOf, QUERY, VERBATIM, type Party, type Stage } from './harness.ts'

/** What must work all the same: a memory that refuses everything is no memory. */
export const uses: readonly IsolationCheck[] = [
  check(
    'a user finds what the user said',
    'search, getAll, get and list return the own memories.',
    async (stage, alice) => {
      for (const [method, args] of [
        ['search', [QUERY]],
        ['getAll', []],
        ['getAll', [{}]],
        ['list', []],
      ] as const) {
        await mustReturn(stage, alice, method, args)
      }
      const record = (await works(stage, alice, 'get', alice.ids[0])) as { memory?: unknown } | undefined
      if (!String(record?.memory).includes(alice.secret))
        stage.found('get(own id) does not return the memory')
    },
  ),
  check(
    'a user sees the same memories through every handle of the user',
    'A second handle for the same id, made later.',
    async (stage, alice) => {
      const again = await stage.createMemory(alice.userId)
      await mustReturn(stage, { ...alice, memory: again }, 'getAll', [])
    },
  ),
  check(
    'a conversation, a text and metadata can be stored',
    'Metadata comes back as it was given: nested, with lists, null and keys in camelCase.',
    async (stage, alice) => {
      const metadata = {
        topic: 'food',
        deepValue: { camelCase: [1, 'two', { three: 3 }], no_case: true },
        nothing: null,
        n: 1.5,
      }
      const marks = [`text of ${alice.secret}`, `turn of ${alice.secret}`, `answer of ${alice.secret}`]
      await works(stage, alice, 'add', marks[0], { ...VERBATIM, metadata })
      await works(
        stage,
        alice,
        'add',
        [
          { role: 'user', content: marks[1] },
          { role: 'assistant', content: marks[2] },
        ],
        VERBATIM,
      )
      const rows = await stage.seen(alice, 5)
      for (const mark of marks) {
        if (!rows.some((row) => row['memory'] === mark)) stage.found(`add() did not store ${inspect(mark)}`)
      }
      const kept = rows.find((row) => row['memory'] === marks[0])?.['metadata'] as
        | Record<string, unknown>
        | undefined
      for (const [key, value] of Object.entries(metadata)) {
        if (isDeepStrictEqual(plain(kept?.[key]), value)) continue
        stage.found(`metadata ${key}: ${inspect(value)} came back as ${inspect(kept?.[key])}`)
      }
    },
  ),
  check(
    'a user can change, rate and delete single memories and see their history',
    'update takes a text or a patch; batches and feedback where there are any.',
    async (stage, alice) => {
      const [first, second] = alice.ids
      const text = (number: number): string => `change ${number} of ${alice.secret}`
      const reads = async (id: string, wanted: string): Promise<void> => {
        const arrived = await stage.until(async () => {
          const record = (await alice.memory.get(id as never)) as { memory?: unknown } | null
          return record?.memory === wanted
        })
        if (!arrived) stage.found(`an own memory that was changed does not read ${inspect(wanted)}`)
      }
      await works(stage, alice, 'update', first, { text: text(1) })
      await reads(first, text(1))
      await works(stage, alice, 'update', first, { text: text(2), metadata: { topic: 'changed' } })
      await reads(first, text(2))
      const history = await works(stage, alice, 'history', first)
      if (history !== undefined && !inspect(history, { depth: 8 }).includes(text(1))) {
        stage.found('history(own id) does not show an earlier text')
      }
      if (
        (await works(stage, alice, 'batchUpdate', [
          { memoryId: first, text: text(3) },
          { memoryId: second, text: text(4) },
        ])) !== undefined
      ) {
        await reads(first, text(3))
        await reads(second, text(4))
      }
      await works(stage, alice, 'feedback', {
        memoryId: first,
        feedback: 'POSITIVE',
        feedbackReason: 'right',
      })
      await works(stage, alice, 'delete', first)
      await mustBeGone(stage, alice, first)
      if ((await works(stage, alice, 'batchDelete', [second])) !== undefined)
        await mustBeGone(stage, alice, second)
    },
  ),
  check(
    'a user can delete everything',
    'deleteAll, and erase where there is one, leave nothing.',
    async (stage, alice, bob) => {
      await works(stage, alice, 'deleteAll')
      for (const id of alice.ids) await mustBeGone(stage, alice, id)
      if (!('erase' in bob.memory)) return
      await works(stage, bob, 'erase')
      for (const id of bob.ids) await mustBeGone(stage, bob, id)
    },
  ),
  check(
    'filters narrow what is found',
    "Equality on metadata, on a run, OR and NOT over runs, and the own user repeated as mem0's documentation writes it.",
    async (stage, alice) => {
      const runs = ['one', 'two', 'three'].map((name) => `isolation-${name}-${alice.secret}`)
      for (const [index, runId] of runs.entries()) {
        await works(stage, alice, 'add', `filtered ${index} of ${alice.secret}`, {
          ...VERBATIM,
          runId,
          metadata: { part: `part-${index}` },
        })
      }
      await stage.seen(alice, 5)
      const [one, two] = runs
      const { userId: user_id } = alice
      await mustFilter(stage, alice, [{}], [0, 1, 2])
      await mustFilter(stage, alice, [{ run_id: one }], [0])
      await mustFilter(stage, alice, [{ user_id, run_id: one }], [0])
      await mustFilter(stage, alice, [{ AND: [{ user_id }, { run_id: one }] }], [0])
      await mustFilter(stage, alice, [{ OR: [{ run_id: one }, { run_id: two }] }], [0, 1])
      await mustFilter(stage, alice, [{ run_id: one, NOT: [{ run_id: two }] }], [0])
      // Metadata is filtered by its own keys in mem0ai/oss, under `metadata` in the hosted API.
      await mustFilter(stage, alice, [{ metadata: { part: 'part-1' } }, { part: 'part-1' }], [1])
    },
  ),
  check(
    'options of a search count',
    'topK limits, a threshold of 0 leaves nothing out.',
    async (stage, alice) => {
      const one = rowsOf(await works(stage, alice, 'search', QUERY, { topK: 1 }))
      if (one.length !== 1) stage.found(`search(…, { topK: 1 }) returned ${one.length} records of two`)
      await mustReturn(stage, alice, 'search', [QUERY, { threshold: 0, topK: 20 }])
    },
  ),
  check(
    'options that are frozen or used again are left as they were',
    'One options object serves several calls of both users, and comes out of them unchanged.',
    async (stage, alice, bob) => {
      const reading = Object.freeze({ topK: 10, filters: Object.freeze({}) })
      const writing = Object.freeze({ ...VERBATIM, metadata: Object.freeze({ topic: 'reuse' }) })
      const own = { topK: 10, filters: { topic: 'nothing' } }
      await Promise.all(
        [alice, bob, alice].map(async (party, index) => {
          await works(stage, party, 'search', QUERY, reading)
          await works(stage, party, 'search', QUERY, own)
          await party.memory.add(`reuse ${index} of ${party.secret}` as never, writing as never)
          await mustReturn(stage, party, 'search', [QUERY, reading])
        }),
      )
      if (!isDeepStrictEqual(own, { topK: 10, filters: { topic: 'nothing' } })) {
        stage.found(`search() changed the options it was given to ${inspect(own)}`)
      }
    },
  ),
  check(
    'a narrowed handle works within its run',
    'What is stored through it is found through it and through the whole handle.',
    async (stage, alice) => {
      if (typeof alice.memory.within !== 'function') return
      const run = alice.memory.within({ runId: `isolation-run-${alice.secret}` } as never)
      const mark = `in a run of ${alice.secret}`
      await run.add(mark as never, VERBATIM as never)
      await stage.seen({ name: 'alice', memory: run, secret: mark }, 1)
      await stage.seen(alice, 3)
      if (rowsOf(await run.getAll()).length !== 1) stage.found('a narrowed handle shows memories of no run')
    },
  ),
  check(
    'a user can take everything along',
    'exportAll, where there is one, yields each memory with its history.',
    async (stage, alice) => {
      const exported = (await works(stage, alice, 'exportAll')) as unknown[] | undefined
      if (exported === undefined) return
      const text = inspect(exported, { depth: 8 })
      if (exported.length !== 2 || !alice.ids.every((id) => text.includes(id))) {
        stage.found(`exportAll() yields ${exported.length} memories of two`)
      }
    },
  ),
  check(
    'ids of every common form are users of their own',
    'Ids of identity providers, e-mail addresses, names in any script, paths, and words that JavaScript knows.',
    async (stage) => {
      if (!stage.takesAnyUserId) return
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
          const party = await stage.enter(inspect(userId), userId)
          const rows = rowsOf(await party.memory.getAll())
          if (rows.length !== 2)
            stage.found(`the user ${inspect(userId)} stored 2 memories and sees ${rows.length}`)
          await mustReturn(stage, party, 'search', [QUERY])
        } catch (error) {
          stage.found(`the user ${inspect(userId)} cannot be served: ${messageOf(error)}`)
        }
      }
      // Not written to: these could be users of the store that is tested.
      for (const userId of ['constructor', 'hasOwnProperty', '__proto__', '0', '_', '42']) {
        try {
          await (await stage.createMemory(userId)).getAll()
        } catch (error) {
          stage.found(`the user ${inspect(userId)} cannot be served: ${messageOf(error)}`)
        }
      }
    },
  ),
]

/** Calls what has to work. `undefined` where the handle or its back end does not have it. */
async function works(
  stage: Stage,
  party: Party,
  method: Method,
  ...args: readonly unknown[]
): Promise<unknown> {
  const outcome = await stage.tries(party, method, ...args)
  if (outcome.kind === 'answered') return outcome.answer ?? null
  if (outcome.kind === 'refused' && !isUnsupported(outcome.error)) {
    stage.found(
      `${method}(${args.map((arg) => stage.show(arg)).join(', ')}) was refused: ${messageOf(outcome.error)}`,
    )
  }
  return undefined
}

async function mustReturn(
  stage: Stage,
  party: Party,
  method: Method,
  args: readonly unknown[],
): Promise<void> {
  const answer = await works(stage, party, method, ...args)
  if (answer === undefined) return
  const ids = rowsOf(answer).map((row) => row['id'])
  const missing = party.ids.filter((id) => !ids.includes(id))
  if (missing.length > 0) {
    stage.found(
      `${method}(${args.map((arg) => stage.show(arg)).join(', ')}) lacks ${missing.length} of 2 own memories`,
    )
  }
}

async function mustBeGone(stage: Stage, party: Party, id: string): Promise<void> {
  const isGone = await stage.until(
    async () => !rowsOf(await party.memory.getAll()).some((row) => row['id'] === id),
  )
  if (!isGone) stage.found('a memory that was deleted is still listed')
}

/** The parts that a filter must find, in one of the spellings that back ends have for it. */
async function mustFilter(
  stage: Stage,
  { memory }: Party,
  spellings: readonly object[],
  wanted: readonly number[],
): Promise<void> {
  const ask = {
    search: (filters: object) =>
      memory.search('filtered' as never, { filters, topK: 20, threshold: 0 } as never),
    getAll: (filters: object) => memory.getAll({ filters } as never),
  }
  for (const method of ['search', 'getAll'] as const) {
    const problems: string[] = []
    for (const filters of spellings) {
      const label = `${method}({ filters: ${stage.show(filters)} })`
      try {
        const texts = rowsOf(await ask[method](filters)).map((row) => String(row['memory']))
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
    if (problems.length === spellings.length) for (const problem of problems) stage.found(problem)
  }
}

function isUnsupported(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'UNSUPPORTED'
}

// What comes out of a JSON parser of another realm has other prototypes.
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}
