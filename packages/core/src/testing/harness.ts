import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { call, rowsOf, type IsolationOptions, type MemoryHandle, type Method } from './memory-handle.ts'

const DEFAULT_TIMEOUT_MILLIS = 10_000
const FIRST_PAUSE_MILLIS = 10
const LONGEST_PAUSE_MILLIS = 500
const SHOWN_CHARACTERS = 120

const WRITES: ReadonlySet<Method> = new Set([
  'add',
  'update',
  'delete',
  'deleteAll',
  'batchUpdate',
  'batchDelete',
  'feedback',
  'erase',
])
// Whoever calls these names an id, so that the same id in an answer tells nothing.
const BY_ID: ReadonlySet<Method> = new Set([
  'get',
  'update',
  'delete',
  'history',
  'batchUpdate',
  'batchDelete',
  'feedback',
])

/** A memory of a user, as it was seen last. */
interface Kept {
  readonly id: string
  readonly text: string
  readonly metadata: string
}

/** A user of the stage: made for one check, with memories that hold a secret of its own. */
export interface Party {
  /** How messages call the user. */
  readonly name: string
  readonly userId: string
  readonly memory: MemoryHandle
  /** Stands in everything this user stores. */
  readonly secret: string
  /** Ids of the memories the user began with, two of them. */
  readonly ids: readonly [string, string]
}

/** How a call ended. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'absent' }

/** What the users of the stage begin with is about this. */
export const QUERY = 'door code'
/** Options that store a text word for word. */
export const VERBATIM: { readonly infer: false } = { infer: false }

/**
 * Where one check takes place: two users who exist for it alone, the calls it makes as one of them, and what it found.
 */
export class Stage {
  readonly #options: IsolationOptions
  readonly #parties: Party[] = []
  readonly #memories: MemoryHandle[] = []
  readonly #kept = new Map<Party, readonly Kept[]>()
  readonly #found: string[] = []
  readonly #enumerable = inherited()
  /** Users who wrote since it was looked up what they have. */
  readonly #changed = new Set<string>()
  #lastWrite = ''

  private constructor(options: IsolationOptions) {
    this.#options = options
  }

  /** Runs a check with alice and bob; resolves what it found wrong. Whatever they stored is deleted afterwards. */
  static async run(
    options: IsolationOptions,
    check: (stage: Stage, alice: Party, bob: Party) => Promise<void> | void,
  ): Promise<readonly string[]> {
    const stage = new Stage(options)
    try {
      const alice = await stage.enter('alice')
      const bob = await stage.enter('bob')
      await check(stage, alice, bob)
      await stage.#settle()
    } catch (error) {
      if (!(error instanceof Harmed)) stage.#found.push(`could not be shown: ${messageOf(error)}`)
    } finally {
      await Promise.all(stage.#memories.map(async (memory) => call(memory, 'deleteAll', [])?.catch(() => {})))
    }
    return stage.#found
  }

  /** Whether ids of any form may be tried for users that store. */
  get takesAnyUserId(): boolean {
    return this.#options.newUserId === undefined
  }

  /** A user of the given id, or of a new one, with two memories. */
  async enter(name: string, userId?: string): Promise<Party> {
    const secret = `secret-${randomBytes(6).toString('hex')}`
    const id = userId ?? (await this.newUserId(name))
    const memory = await this.#options.createMemory(id)
    this.#memories.push(memory)
    await memory.add(
      [
        { role: 'user', content: `The door code of ${name} is ${secret}` },
        { role: 'user', content: `The second door code of ${name} is ${secret}` },
      ] as never,
      { ...VERBATIM, metadata: { topic: 'isolation', note: secret } } as never,
    )
    const rows = await this.seen({ name, memory, secret }, 2)
    const party: Party = {
      name,
      userId: id,
      memory,
      secret,
      ids: rows.map((row) => row['id']) as [string, string],
    }
    this.#parties.push(party)
    this.#kept.set(party, await this.#lookedUp(party))
    return party
  }

  async newUserId(name: string): Promise<string> {
    return (await this.#options.newUserId?.()) ?? `isolation-${name}-${randomBytes(6).toString('hex')}`
  }

  /** A handle for what may be no user id. */
  async createMemory(userId: unknown): Promise<MemoryHandle> {
    return this.#options.createMemory(userId as string)
  }

  /** The records of a user that hold its secret, once there are as many as wanted. */
  async seen(
    { name, memory, secret }: Pick<Party, 'name' | 'memory' | 'secret'>,
    wanted: number,
  ): Promise<Record<string, unknown>[]> {
    let rows: Record<string, unknown>[] = []
    const arrived = await this.until(async () => {
      rows = rowsOf(await memory.getAll()).filter((row) => String(row['memory']).includes(secret))
      return rows.length >= wanted
    })
    if (arrived) return rows
    throw new Error(
      `after ${this.#timeoutMillis} ms getAll() shows ${rows.length} of ${wanted} memories that ${name} stored with { infer: false }`,
    )
  }

  /** Waits until `arrived` holds, or the time for that is over. */
  async until(arrived: () => Promise<boolean>): Promise<boolean> {
    const deadline = Date.now() + this.#timeoutMillis
    for (let pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
      if (await arrived()) return true
      if (Date.now() >= deadline) return false
      await sleep(pause)
    }
  }

  /**
   * Makes a call as one user and looks whether it told about, or did harm to, any other. The call may be refused or do
   * something harmless: both are well.
   */
  async tries(party: Party, method: Method, ...args: readonly unknown[]): Promise<Outcome> {
    return this.triesWith(party, party.memory, method, ...args)
  }

  /** The same through another handle of the user. */
  async triesWith(
    party: Party,
    memory: MemoryHandle,
    method: Method,
    ...args: readonly unknown[]
  ): Promise<Outcome> {
    const label = `${method}(${args.map((arg) => this.show(arg)).join(', ')})`
    if (WRITES.has(method)) {
      for (const other of this.#parties) {
        if (other.userId !== party.userId && this.#changed.delete(other.userId)) {
          await sleep(this.#settleMillis)
          this.#kept.set(other, await this.#lookedUp(other))
        }
      }
      this.changed(party)
      this.#lastWrite = label
    }
    const running = call(memory, method, args)
    if (running === undefined) return { kind: 'absent' }
    const outcome: Outcome = await running.then(
      (answer) => ({ kind: 'answered', answer }),
      (error: unknown) => ({ kind: 'refused', error }),
    )
    const told = outcome.kind === 'answered' ? outcome.answer : outcome.error
    for (const other of this.#parties) {
      if (other.userId !== party.userId) this.#lookForWordsOf(other, label, told, BY_ID.has(method))
    }
    this.#lookForPollution(label)
    if (WRITES.has(method)) await this.#lookForHarm(label)
    return outcome
  }

  /** Notes that something is wrong. */
  found(problem: string): void {
    if (!this.#found.includes(problem)) this.#found.push(problem)
  }

  /** Lets a user change what is the user's own; {@link tries} does so by itself. */
  changed(party: Party): void {
    this.#changed.add(party.userId)
  }

  /** Whose secret a text holds. */
  ownerOfSecretIn(text: string): string | undefined {
    return this.#parties.find(({ secret }) => text.includes(secret))?.name
  }

  /** An argument as messages show it: users by name, nothing of it executed. */
  show(value: unknown): string {
    let shown = inspect(value, {
      depth: 8,
      breakLength: Infinity,
      compact: 100,
      customInspect: false,
      showProxy: true,
      maxStringLength: 160,
    })
    const longestFirst = [...this.#parties].sort((a, b) => b.userId.length - a.userId.length)
    for (const { name, userId, ids } of longestFirst) {
      shown = shown.replaceAll(userId, name)
      for (const id of ids) shown = shown.replaceAll(id, `<id of a memory of ${name}>`)
    }
    return shown
  }

  #lookForWordsOf(other: Party, label: string, told: unknown, namesIds: boolean): void {
    const strings = [...stringsIn(told)]
    const memory = strings
      .filter((text) => text.includes(other.secret))
      .sort((a, b) => b.length - a.length)[0]
    if (memory !== undefined) this.found(`${label} gave away ${other.name}'s memory ${this.#quoted(memory)}`)
    else if (!namesIds && other.ids.some((id) => strings.includes(id))) {
      this.found(`${label} gave away the id of a memory of ${other.name}`)
    }
  }

  #lookForPollution(label: string): void {
    for (const key of inherited()) {
      if (this.#enumerable.has(key)) continue
      this.found(`${label} put ${inspect(key)} on Object.prototype: every object of the process has it`)
      Reflect.deleteProperty(Object.prototype, key)
    }
  }

  async #lookForHarm(label: string): Promise<void> {
    const foundBefore = this.#found.length
    for (const party of this.#parties) {
      if (this.#changed.has(party.userId)) continue
      const before = this.#kept.get(party)!
      const now = await this.#lookedUp(party)
      for (const { id, text, metadata } of before) {
        const kept = now.find((one) => one.id === id)
        const was = this.#quoted(text)
        if (kept === undefined) this.found(`${label} deleted ${party.name}'s memory ${was}`)
        else if (kept.text !== text) {
          this.found(`${label} made ${party.name}'s memory ${was} read ${this.#quoted(kept.text)}`)
        } else if (kept.metadata !== metadata) {
          this.found(`${label} changed the metadata of ${party.name}'s memory ${was} to ${kept.metadata}`)
        }
      }
      for (const { id, text } of now) {
        if (before.some((one) => one.id === id)) continue
        this.found(`${label} stored ${this.#quoted(text)} as a memory of ${party.name}, who did not write it`)
      }
    }
    // What follows would only find the same again.
    if (this.#found.length > foundBefore) throw new Harmed()
  }

  /** A text of the suite. One that is not, such as a real user's in a store that leaks, is not shown. */
  #quoted(text: string): string {
    const isOwn = this.#parties.some(({ secret }) => text.includes(secret))
    return isOwn ? inspect(text.slice(0, SHOWN_CHARACTERS)) : 'that this suite did not write'
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
    await this.#lookForHarm(`one of the calls up to ${this.#lastWrite}`)
  }

  async #lookedUp({ memory }: Party): Promise<readonly Kept[]> {
    return rowsOf(await memory.getAll()).map((row) => ({
      id: String(row['id']),
      text: String(row['memory']),
      metadata: inspect(row['metadata'], { depth: 8, sorted: true, breakLength: Infinity }),
    }))
  }
}

/** Thrown to end a check whose users are no longer as it needs them. */
class Harmed extends Error {}

/** What is wrong with an error, in its own words. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : inspect(error)
}

/** Every string in a value, keys and the parts of errors included. */
function* stringsIn(value: unknown, seen: Set<object> = new Set()): Generator<string, void, undefined> {
  if (typeof value === 'string') yield value
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  for (const key of Object.getOwnPropertyNames(value)) {
    yield key
    // The stack holds the message again, and the arguments of nobody.
    if (key !== 'stack') yield* stringsIn((value as Record<string, unknown>)[key], seen)
  }
}

function inherited(): Set<string> {
  const keys = new Set<string>()
  for (const key in {}) keys.add(key)
  return keys
}
