import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { IsolationOptions } from './isolation-options.ts'
import { callMethod, recordsIn, type HandleMethod, type MemoryHandle } from './memory-handle.ts'

const DEFAULT_TIMEOUT_MILLIS = 10_000
const FIRST_PAUSE_MILLIS = 10
const LONGEST_PAUSE_MILLIS = 500
const SHOWN_CHARACTERS = 120

const WRITES: ReadonlySet<HandleMethod> = new Set([
  'add',
  'update',
  'delete',
  'deleteAll',
  'batchUpdate',
  'batchDelete',
  'feedback',
  'erase',
])
// The caller passes an id to these, so finding the same id in the result proves nothing.
const TAKES_AN_ID: ReadonlySet<HandleMethod> = new Set([
  'get',
  'update',
  'delete',
  'history',
  'batchUpdate',
  'batchDelete',
  'feedback',
])

/** A memory of a test user, as it was last read. */
interface StoredMemory {
  readonly id: string
  readonly text: string
  readonly metadata: string
}

/** A user made for one check, whose memories hold a secret. */
export interface TestUser {
  /** How problems name the user. */
  readonly name: string
  readonly userId: string
  readonly memory: MemoryHandle
  /** Part of everything this user stores. */
  readonly secret: string
  /** The ids of the two memories the user starts with. */
  readonly ids: readonly [string, string]
}

/** How a call ended; `absent` when the handle does not have the method. */
export type Outcome =
  | { readonly kind: 'resolved'; readonly result: unknown }
  | { readonly kind: 'rejected'; readonly error: unknown }
  | { readonly kind: 'absent' }

/** A query for what every test user starts with. */
export const QUERY = 'door code'
/** Options that store a text verbatim. */
export const VERBATIM: { readonly infer: false } = { infer: false }

/** Runs one check: makes its users, makes its calls on their handles, and collects the problems found. */
export class Harness {
  readonly #options: IsolationOptions
  readonly #users: TestUser[] = []
  readonly #handles: MemoryHandle[] = []
  readonly #stored = new Map<TestUser, readonly StoredMemory[]>()
  readonly #problems: string[] = []
  readonly #enumerable = inheritedKeys()
  /** Ids of users who wrote since their memories were last read. */
  readonly #changed = new Set<string>()
  #lastWrite = ''

  private constructor(options: IsolationOptions) {
    this.#options = options
  }

  /** Runs a check as alice and bob and resolves to its problems. Whatever they stored is deleted afterwards. */
  static async run(
    options: IsolationOptions,
    body: (harness: Harness, alice: TestUser, bob: TestUser) => Promise<void> | void,
  ): Promise<readonly string[]> {
    const harness = new Harness(options)
    try {
      const alice = await harness.addUser('alice')
      const bob = await harness.addUser('bob')
      await body(harness, alice, bob)
      await harness.#settle()
    } catch (error) {
      if (!(error instanceof DamageFound)) {
        harness.#problems.push(`could not be checked: ${messageOf(error)}`)
      }
    } finally {
      // Settled, so that what a handle without a deletion throws does not hide the problems found.
      await Promise.allSettled(harness.#handles.map(async (memory) => callMethod(memory, 'deleteAll', [])))
    }
    return harness.#problems
  }

  /** Whether ids of any form may be tried for users who store. */
  get acceptsAnyUserId(): boolean {
    return this.#options.newUserId === undefined
  }

  /** Makes a user with the given id, or a new one, and stores two memories under it. */
  async addUser(name: string, userId?: string): Promise<TestUser> {
    const secret = `secret-${randomBytes(6).toString('hex')}`
    const id = userId ?? (await this.#newUserId(name))
    const memory = await this.#options.createMemory(id)
    this.#handles.push(memory)
    await memory.add(
      [
        { role: 'user', content: `The door code of ${name} is ${secret}` },
        { role: 'user', content: `The second door code of ${name} is ${secret}` },
      ] as never,
      { ...VERBATIM, metadata: { topic: 'isolation', note: secret } } as never,
    )
    const records = await this.waitForRecords({ name, memory, secret }, 2)
    const user: TestUser = {
      name,
      userId: id,
      memory,
      secret,
      ids: records.map((record) => record['id']) as [string, string],
    }
    this.#users.push(user)
    this.#stored.set(user, await readAll(user))
    return user
  }

  async #newUserId(name: string): Promise<string> {
    return (await this.#options.newUserId?.()) ?? `isolation-${name}-${randomBytes(6).toString('hex')}`
  }

  /** A handle for a value that may not be a user id. */
  async createMemory(userId: unknown): Promise<MemoryHandle> {
    return this.#options.createMemory(userId as string)
  }

  /** Waits until the user has `count` records that hold the secret, and resolves to them. */
  async waitForRecords(
    { name, memory, secret }: Pick<TestUser, 'name' | 'memory' | 'secret'>,
    count: number,
  ): Promise<Record<string, unknown>[]> {
    let records: Record<string, unknown>[] = []
    const arrived = await this.waitUntil(async () => {
      records = recordsIn(await memory.getAll()).filter((record) => String(record['memory']).includes(secret))
      return records.length >= count
    })
    if (arrived) return records
    throw new Error(
      `after ${this.#timeoutMillis} ms getAll() returns ${records.length} of the ${count} memories that ${name} stored with { infer: false }`,
    )
  }

  /** Waits until the condition holds; `false` when it does not hold in time. */
  async waitUntil(condition: () => Promise<boolean>): Promise<boolean> {
    const deadline = Date.now() + this.#timeoutMillis
    for (let pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
      if (await condition()) return true
      if (Date.now() >= deadline) return false
      await sleep(pause)
    }
  }

  /**
   * Makes a call as one user and looks for what it leaked about, or changed for, any other user. The call may be refused
   * or do something harmless: neither is a problem.
   */
  async call(user: TestUser, method: HandleMethod, ...args: readonly unknown[]): Promise<Outcome> {
    return this.callOn(user, user.memory, method, ...args)
  }

  /** The same on another handle of the user. */
  async callOn(
    user: TestUser,
    memory: MemoryHandle,
    method: HandleMethod,
    ...args: readonly unknown[]
  ): Promise<Outcome> {
    const label = `${method}(${args.map((arg) => this.show(arg)).join(', ')})`
    if (WRITES.has(method)) {
      for (const other of this.#users) {
        if (other.userId !== user.userId && this.#changed.delete(other.userId)) {
          await sleep(this.#settleMillis)
          this.#stored.set(other, await readAll(other))
        }
      }
      this.markChanged(user)
      this.#lastWrite = label
    }
    const running = callMethod(memory, method, args)
    if (running === undefined) return { kind: 'absent' }
    const outcome: Outcome = await running.then(
      (result) => ({ kind: 'resolved', result }),
      (error: unknown) => ({ kind: 'rejected', error }),
    )
    const response = outcome.kind === 'resolved' ? outcome.result : outcome.error
    for (const other of this.#users) {
      if (other.userId !== user.userId) this.#checkForLeak(other, label, response, TAKES_AN_ID.has(method))
    }
    this.#checkForPollution(label)
    if (WRITES.has(method)) await this.#checkForDamage(label)
    return outcome
  }

  /** Adds a problem, once. */
  report(problem: string): void {
    if (!this.#problems.includes(problem)) this.#problems.push(problem)
  }

  /** Allows a user's memories to change; {@link call} does so for its own user. */
  markChanged(user: TestUser): void {
    this.#changed.add(user.userId)
  }

  /** The name of the user whose secret a text holds. */
  ownerOfSecretIn(text: string): string | undefined {
    return this.#users.find(({ secret }) => text.includes(secret))?.name
  }

  /** An argument as problems show it: users by name, and no code of the argument run. */
  show(value: unknown): string {
    let shown = inspect(value, {
      depth: 8,
      breakLength: Infinity,
      compact: 100,
      customInspect: false,
      showProxy: true,
      maxStringLength: 160,
    })
    const longestFirst = [...this.#users].sort((a, b) => b.userId.length - a.userId.length)
    for (const { name, userId, ids } of longestFirst) {
      shown = shown.replaceAll(userId, name)
      for (const id of ids) shown = shown.replaceAll(id, `<id of a memory of ${name}>`)
    }
    return shown
  }

  #checkForLeak(other: TestUser, label: string, response: unknown, takesAnId: boolean): void {
    const strings = [...stringsIn(response)]
    const memory = strings
      .filter((text) => text.includes(other.secret))
      .sort((a, b) => b.length - a.length)[0]
    if (memory !== undefined) this.report(`${label} leaked ${other.name}'s memory ${this.#quote(memory)}`)
    else if (!takesAnId && other.ids.some((id) => strings.includes(id))) {
      this.report(`${label} leaked the id of a memory of ${other.name}`)
    }
  }

  #checkForPollution(label: string): void {
    for (const key of inheritedKeys()) {
      if (this.#enumerable.has(key)) continue
      this.report(`${label} added ${inspect(key)} to Object.prototype, so every object of the process has it`)
      Reflect.deleteProperty(Object.prototype, key)
    }
  }

  async #checkForDamage(label: string): Promise<void> {
    const problemsBefore = this.#problems.length
    for (const user of this.#users) {
      if (this.#changed.has(user.userId)) continue
      const before = this.#stored.get(user)!
      const now = await readAll(user)
      for (const { id, text, metadata } of before) {
        const current = now.find((memory) => memory.id === id)
        const quoted = this.#quote(text)
        if (current === undefined) this.report(`${label} deleted ${user.name}'s memory ${quoted}`)
        else if (current.text !== text) {
          this.report(`${label} changed ${user.name}'s memory ${quoted} to ${this.#quote(current.text)}`)
        } else if (current.metadata !== metadata) {
          this.report(
            `${label} changed the metadata of ${user.name}'s memory ${quoted} to ${current.metadata}`,
          )
        }
      }
      for (const { id, text } of now) {
        if (before.some((memory) => memory.id === id)) continue
        this.report(`${label} stored ${this.#quote(text)} as a memory of ${user.name}, who did not write it`)
      }
    }
    // Later calls would only find the same damage again.
    if (this.#problems.length > problemsBefore) throw new DamageFound()
  }

  /** Quotes a text that a test user stored. Any other, such as a real user's in a store that leaks, is not shown. */
  #quote(text: string): string {
    const isOwn = this.#users.some(({ secret }) => text.includes(secret))
    return isOwn ? inspect(text.slice(0, SHOWN_CHARACTERS)) : '[not written by a test user]'
  }

  get #timeoutMillis(): number {
    return this.#options.timeoutMillis ?? DEFAULT_TIMEOUT_MILLIS
  }

  get #settleMillis(): number {
    return this.#options.settleMillis ?? 0
  }

  async #settle(): Promise<void> {
    if (this.#lastWrite === '' || this.#settleMillis === 0) return
    await sleep(this.#settleMillis)
    await this.#checkForDamage(`one of the calls up to ${this.#lastWrite}`)
  }
}

/** Ends a check whose users no longer have the memories it needs. */
class DamageFound extends Error {}

async function readAll({ memory }: TestUser): Promise<readonly StoredMemory[]> {
  return recordsIn(await memory.getAll()).map((record) => ({
    id: String(record['id']),
    text: String(record['memory']),
    metadata: inspect(record['metadata'], { depth: 8, sorted: true, breakLength: Infinity }),
  }))
}

/** The message of an error, or what was thrown in its place. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : inspect(error)
}

/** Every string in a value, including keys and the properties of errors. */
function* stringsIn(value: unknown, seen: Set<object> = new Set()): Generator<string, void, undefined> {
  if (typeof value === 'string') yield value
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  for (const key of Object.getOwnPropertyNames(value)) {
    yield key
    // The stack repeats the message and holds no arguments.
    if (key !== 'stack') yield* stringsIn((value as Record<string, unknown>)[key], seen)
  }
}

function inheritedKeys(): Set<string> {
  const keys = new Set<string>()
  for (const key in {}) keys.add(key)
  return keys
}
