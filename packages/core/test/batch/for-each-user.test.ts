import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  forEachUser,
  InvalidArgumentError,
  InvalidUserIdError,
  ScopeEscapeError,
  ScopedMemory,
  type UserOutcome,
  type UserProgress,
  type UserRun,
} from '../../src/index.ts'
import { createInMemoryClient } from '../../src/testing/in-memory-client.ts'
import { ids, outcomesOf } from '../support/runs.ts'

/** What a run yields and what it ends with. */
async function readRun<T>(run: UserRun<T>): Promise<{ outcomes: UserOutcome<T>[]; error: unknown }> {
  const outcomes: UserOutcome<T>[] = []
  try {
    for await (const outcome of run) outcomes.push(outcome)
    return { outcomes, error: undefined }
  } catch (error) {
    return { outcomes, error }
  }
}

/** Resolves when `open` is called. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}

describe('forEachUser', () => {
  const client = createInMemoryClient()
  afterEach(() => client.reset())

  it('hands each call the handle of one user, and yields what came of it in the order of the source', async () => {
    for (const id of ids(20)) await client.add(`secret of ${id}.`, { userId: id })
    const outcomes = await outcomesOf(
      forEachUser(
        ids(20),
        async (memory) => {
          expect(memory).toBeInstanceOf(ScopedMemory)
          await sleep(Math.random() * 10)
          return { userId: memory.userId, found: (await memory.getAll()).results.map(({ memory }) => memory) }
        },
        { client, concurrency: 5 },
      ),
    )
    expect(outcomes).toEqual(
      ids(20).map((id) => ({
        userId: id,
        cursor: id,
        result: { userId: id, found: [`secret of ${id}.`] },
      })),
    )
  })

  it.each<[string, () => Iterable<string> | AsyncIterable<string>]>([
    ['a set', () => new Set(ids(3))],
    ['a generator', () => ids(3).values()],
    [
      'an async generator',
      async function* () {
        for (const id of ids(3)) {
          await sleep(1)
          yield id
        }
      },
    ],
    [
      'a web stream',
      () => new Response(ids(3).join('\n')).body!.pipeThrough(new TextDecoderStream()) as never,
    ],
  ])('takes %s', async (name, users) => {
    const source = name === 'a web stream' ? lines(users() as AsyncIterable<string>) : users()
    const outcomes = await outcomesOf(forEachUser(source, ({ userId }) => userId, { client }))
    expect(outcomes.map(({ result }) => result)).toEqual(ids(3))
  })

  it('keeps as many in flight as it was told, and no more', async () => {
    let inFlight = 0
    let most = 0
    await forEachUser(
      ids(50),
      async () => {
        most = Math.max(most, ++inFlight)
        await sleep(2)
        inFlight--
      },
      { client, concurrency: 7 },
    ).completed()
    expect(most).toBe(7)
  })

  it('reads the source as it goes, not ahead of a slow user without bound', async () => {
    const { opened, open } = gate()
    let read = 0
    const source = function* () {
      for (let index = 0; ; index++) {
        read = index
        yield `u_${index}`
      }
    }
    const run = forEachUser(source(), ({ userId }) => (userId === 'u_0' ? opened : undefined), {
      client,
      concurrency: 4,
    })
    const outcomes = run[Symbol.asyncIterator]()
    const first = outcomes.next()
    await sleep(50)
    expect(read).toBeLessThanOrEqual(4 * 5)
    open()
    expect((await first).value).toMatchObject({ userId: 'u_0' })
    await outcomes.return?.()
  })

  it('goes on after a user that failed, however it failed', async () => {
    const boom = new Error('no summary')
    const outcomes = await outcomesOf(
      forEachUser(
        ids(4),
        ({ userId }) => {
          if (userId === 'u_1') throw boom
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- what others throw is theirs to choose
          if (userId === 'u_2') throw undefined
          return 'done'
        },
        { client, concurrency: 2 },
      ),
    )
    expect(outcomes.map(({ result, error }) => result ?? error?.message)).toEqual([
      'done',
      'no summary',
      'The work threw something that is not an Error: see the cause. Throw an Error instead.',
      'done',
    ])
    expect(outcomes[1]!.error).toBe(boom)
    expect(outcomes.map(({ cursor }) => cursor)).toEqual(ids(4))
  })

  it('makes what is not a user id an outcome, never a handle', async () => {
    const called: string[] = []
    const bad = [
      '',
      '*',
      ' u_1',
      'undefined',
      42,
      null,
      undefined,
      ['u_1'],
      { ne: 'x' },
      Promise.reject(new Error('x')),
    ]
    for (const value of bad) if (value instanceof Promise) value.catch(() => undefined)
    const outcomes = await outcomesOf(
      forEachUser(['u_0', ...(bad as string[]), 'u_9'], ({ userId }) => void called.push(userId), { client }),
    )
    expect(called).toEqual(['u_0', 'u_9'])
    expect(outcomes.map(({ userId }) => userId)).toEqual(['u_0', ...bad, 'u_9'])
    for (const { error, cursor } of outcomes.slice(1, -1)) {
      expect(error).toBeInstanceOf(InvalidUserIdError)
      // A cursor is always something that `after` takes.
      expect(cursor).toBe('u_0')
    }
  })

  it('cannot be given one id in place of many: its letters would be users', () => {
    for (const users of ['u_alice', undefined, null, 7, {}, () => []]) {
      expect(() => forEachUser(users as never, () => undefined, { client })).toThrow(InvalidArgumentError)
    }
  })

  it('refuses options that are wrong before anything is read', () => {
    const users = { [Symbol.iterator]: vi.fn() }
    const start = (options: object) => () =>
      forEachUser(users as never, () => undefined, { client, ...options })
    for (const concurrency of [0, -1, 1.5, NaN, Infinity, '4']) {
      expect(start({ concurrency })).toThrow(InvalidArgumentError)
    }
    for (const options of [
      { after: 5 },
      { signal: {} },
      { onProgress: 'x' },
      { concurency: 4 },
      { client: {} },
    ]) {
      expect(start(options)).toThrow(InvalidArgumentError)
    }
    expect(start({ userId: 'u_bob' })).toThrow(ScopeEscapeError)
    expect(() => forEachUser([], undefined as never, { client })).toThrow(InvalidArgumentError)
    expect(users[Symbol.iterator]).not.toHaveBeenCalled()
  })

  it('passes the options of a handle on, such as a narrower scope', async () => {
    await client.add('of tonight', { userId: 'u_0', runId: 'tonight' })
    await client.add('of another night', { userId: 'u_0', runId: 'another' })
    const [outcome] = await outcomesOf(
      forEachUser(['u_0'], async (memory) => (await memory.getAll()).results.map(({ memory }) => memory), {
        client,
        scope: { runId: 'tonight' },
      }),
    )
    expect(outcome!.result).toEqual(['of tonight'])
  })

  describe('completed()', () => {
    it('works for everybody and resolves to the numbers', async () => {
      const seen: string[] = []
      const progress = await forEachUser(
        ids(10),
        ({ userId }) => {
          seen.push(userId)
          if (userId === 'u_3') throw new Error('failed')
        },
        { client },
      ).completed()
      expect(seen).toEqual(ids(10))
      expect(progress).toEqual({ done: 10, failed: 1, skipped: 0, cursor: 'u_9', pausedUntil: undefined })
    })

    it('gives the same promise to everybody who asks, and the run cannot also be read', async () => {
      const run = forEachUser(ids(2), () => undefined, { client })
      const completed = run.completed()
      expect(run.completed()).toBe(completed)
      expect(await completed).toMatchObject({ done: 2 })
      expect(() => run[Symbol.asyncIterator]()).toThrow(InvalidArgumentError)
    })

    it('rejects on a run that is being read', async () => {
      const run = forEachUser(ids(2), () => undefined, { client })
      const outcomes = run[Symbol.asyncIterator]()
      await outcomes.next()
      await expect(run.completed()).rejects.toThrow(InvalidArgumentError)
      await outcomes.return?.()
    })

    it('starts nothing before it is called', async () => {
      const work = vi.fn()
      forEachUser(ids(2), work, { client })
      await sleep(5)
      expect(work).not.toHaveBeenCalled()
    })
  })

  it('is a run that nothing but its reader starts: not an await, not an async function that returns it', async () => {
    const work = vi.fn()
    const run = forEachUser(ids(2), work, { client })
    const begin = async () => run
    // eslint-disable-next-line @typescript-eslint/await-thenable -- what is tested
    expect(await run).toBe(run)
    expect(await begin()).toBe(run)
    await sleep(5)
    expect(work).not.toHaveBeenCalled()
    expect(await (await begin()).completed()).toMatchObject({ done: 2 })
  })

  describe('progress', () => {
    it('is told after each user', async () => {
      const told: UserProgress[] = []
      await forEachUser(
        ids(3),
        ({ userId }) => {
          if (userId === 'u_1') throw new Error('failed')
        },
        { client, concurrency: 1, onProgress: (progress) => told.push(progress) },
      ).completed()
      expect(told.map(({ done, failed, cursor }) => [done, failed, cursor])).toEqual([
        [1, 0, 'u_0'],
        [2, 1, 'u_1'],
        [3, 1, 'u_2'],
      ])
    })

    it('ends the run when its listener throws', async () => {
      const started: string[] = []
      const run = forEachUser(ids(100), ({ userId }) => void started.push(userId), {
        client,
        concurrency: 2,
        onProgress: () => {
          throw new Error('the bar broke')
        },
      })
      await expect(run.completed()).rejects.toThrow('the bar broke')
      expect(started.length).toBeLessThan(20)
    })
  })

  describe('resumed after a cursor', () => {
    it('passes over those that were done', async () => {
      const progress: UserProgress[] = []
      const outcomes = await outcomesOf(
        forEachUser(ids(6), ({ userId }) => userId, {
          client,
          after: 'u_2',
          onProgress: (now) => progress.push(now),
        }),
      )
      expect(outcomes.map(({ userId }) => userId)).toEqual(['u_3', 'u_4', 'u_5'])
      expect(progress.at(-1)).toMatchObject({ done: 3, skipped: 3, cursor: 'u_5' })
    })

    it('does nothing more, and keeps the cursor, at the last user', async () => {
      expect(await forEachUser(ids(3), () => undefined, { client, after: 'u_2' }).completed()).toMatchObject({
        done: 0,
        skipped: 3,
        cursor: 'u_2',
      })
    })

    it('rejects when the cursor is not among the users, rather than leaving everybody out', async () => {
      const run = forEachUser(ids(3), () => undefined, { client, after: 'u_secret' })
      await expect(run.completed()).rejects.toThrow(InvalidArgumentError)
      await expect(run.completed()).rejects.not.toThrow('u_secret')
    })

    it.each([1, 4, 16])('misses nobody wherever it is stopped (concurrency %i)', async (concurrency) => {
      const users = ids(60)
      const finished = new Map<string, number>()
      let after: string | undefined
      for (let runs = 0; after !== users.at(-1); runs++) {
        expect(runs).toBeLessThan(100)
        const controller = new AbortController()
        let left = 1 + Math.floor(Math.random() * 20)
        const run = forEachUser(
          users,
          async ({ userId }, { signal }) => {
            await sleep(Math.random() * 4, undefined, { signal })
            finished.set(userId, (finished.get(userId) ?? 0) + 1)
            if (--left === 0) controller.abort()
          },
          {
            client,
            concurrency,
            signal: controller.signal,
            after,
            onProgress: ({ cursor }) => (after = cursor),
          },
        )
        await run.completed().then(
          () => undefined,
          (error: unknown) => expect(error).toBe(controller.signal.reason),
        )
      }
      expect([...finished.keys()].sort()).toEqual([...users].sort())
    })
  })

  describe('stopped', () => {
    it('begins nobody else, gives those in work the signal, waits for them and rejects with the reason', async () => {
      const controller = new AbortController()
      const reason = new Error('the night is over')
      const started: string[] = []
      let settled = 0
      const { outcomes, error } = await readRun(
        forEachUser(
          ids(100),
          async ({ userId }, { signal }) => {
            started.push(userId)
            if (userId === 'u_6') setTimeout(() => controller.abort(reason), 20)
            try {
              await sleep(userId < 'u_4' ? 1 : 60_000, undefined, { signal })
            } catch (interrupted) {
              expect(signal.reason).toBe(reason)
              await sleep(20)
              throw interrupted
            } finally {
              settled++
            }
          },
          { client, concurrency: 4, signal: controller.signal },
        ),
      )
      expect(error).toBe(reason)
      expect(settled).toBe(started.length)
      expect(started).toEqual(ids(started.length))
      expect(started.length).toBeLessThanOrEqual(8)
      // Those that were interrupted have no outcome: they come again.
      expect(outcomes.map(({ cursor }) => cursor)).toEqual(['u_0', 'u_1', 'u_2', 'u_3'])
    })

    it('lets work that ignores the signal end, and resumes after it', async () => {
      const controller = new AbortController()
      const { outcomes } = await readRun(
        forEachUser(
          ids(20),
          async ({ userId }) => {
            if (userId === 'u_1') controller.abort()
            await sleep(10)
          },
          { client, concurrency: 3, signal: controller.signal },
        ),
      )
      expect(outcomes.map(({ userId }) => userId)).toEqual(['u_0', 'u_1', 'u_2'].slice(0, outcomes.length))
      expect(outcomes.length).toBeGreaterThanOrEqual(2)
      expect(outcomes.at(-1)!.cursor).toBe(outcomes.at(-1)!.userId)
    })

    it('does not move the cursor over a user that was interrupted, though one after it was done', async () => {
      const controller = new AbortController()
      const { outcomes } = await readRun(
        forEachUser(
          ids(3),
          async ({ userId }, { signal }) => {
            if (userId === 'u_1') await sleep(60_000, undefined, { signal })
            if (userId === 'u_2') setTimeout(() => controller.abort(), 10)
          },
          { client, concurrency: 3, signal: controller.signal },
        ),
      )
      expect(outcomes).toEqual([
        { userId: 'u_0', cursor: 'u_0', result: undefined },
        { userId: 'u_2', cursor: 'u_0', result: undefined },
      ])
    })

    it('does nothing when it was stopped before', async () => {
      const work = vi.fn()
      const run = forEachUser(ids(3), work, { client, signal: AbortSignal.abort(new Error('never mind')) })
      await expect(run.completed()).rejects.toThrow('never mind')
      expect(work).not.toHaveBeenCalled()
    })

    it('does not wait for a source that hangs', async () => {
      const controller = new AbortController()
      const source = {
        [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<string>>(() => undefined) }),
      }
      setTimeout(() => controller.abort(), 10)
      await expect(
        forEachUser(source, () => undefined, { client, signal: controller.signal }).completed(),
      ).rejects.toMatchObject({ name: 'AbortError' })
    })

    it('is what leaving the loop does: those in work are told and waited for, the source is closed', async () => {
      let closed = false
      let working = 0
      const source = function* () {
        try {
          for (let index = 0; ; index++) yield `u_${index}`
        } finally {
          closed = true
        }
      }
      const work = async ({ userId }: ScopedMemory, { signal }: { signal: AbortSignal }) => {
        working++
        await sleep(userId === 'u_0' ? 5 : 60_000, undefined, { signal }).finally(() => working--)
      }
      const outcomes = forEachUser(source(), work, { client, concurrency: 5 })[Symbol.asyncIterator]()
      await outcomes.next()
      await outcomes.return?.()
      expect(working).toBe(0)
      expect(closed).toBe(true)
    })

    it('does not make Node warn of a leak, however many listen to the signal', async () => {
      const warnings: Error[] = []
      const onWarning = (warning: Error) => warnings.push(warning)
      process.on('warning', onWarning)
      const { signal } = new AbortController()
      await forEachUser(
        ids(60),
        async (memory, { signal }) => {
          await Promise.all([memory.getAll({ signal }), sleep(5, undefined, { signal })])
        },
        { client, concurrency: 30, signal },
      ).completed()
      await sleep(5)
      process.off('warning', onWarning)
      expect(warnings).toEqual([])
    })
  })

  it('ends with the error of its source when those in work are finished', async () => {
    const lost = new Error('the database went away')
    async function* source() {
      yield 'u_0'
      yield 'u_1'
      await sleep(1)
      throw lost
    }
    const { outcomes, error } = await readRun(
      forEachUser(source(), ({ userId }) => sleep(30, userId), { client, concurrency: 4 }),
    )
    expect(error).toBe(lost)
    expect(outcomes.map(({ result }) => result)).toEqual(['u_0', 'u_1'])
  })
})

async function* lines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let text = ''
  for await (const chunk of chunks) text += chunk
  yield* text.split('\n')
}
