import { randomUUID } from 'node:crypto'
import { Store } from './store.ts'

export interface Delays {
  /** Milliseconds until an inferred add can be seen. */
  readonly add: number
  /** Milliseconds until a deletion of many memories has happened. */
  readonly delete: number
}

/** What the routes work on; forgotten as a whole by `clear`. */
export class PlatformState {
  readonly store = new Store()
  readonly events = new EventLog()
  readonly jobs = new Jobs()
  readonly delays: Delays

  constructor(delays: Delays) {
    this.delays = delays
  }

  clear(): void {
    this.jobs.clear()
    this.store.clear()
    this.events.clear()
  }
}

export interface PlatformEvent {
  readonly id: string
  readonly type: string
  readonly payload: unknown
  readonly createdAt: Date
  completedAt: Date | null
  results: readonly unknown[]
}

const EVENTS_KEPT = 10_000

/** The newest events; a benchmark must not fill the memory with old ones. */
export class EventLog {
  #events = new Map<string, PlatformEvent>()

  start(type: string, payload: unknown): PlatformEvent {
    const event = {
      id: randomUUID(),
      type,
      payload,
      createdAt: new Date(),
      completedAt: null,
      results: [],
    }
    this.#events.set(event.id, event)
    if (this.#events.size > EVENTS_KEPT) {
      for (const oldest of this.#events.keys()) {
        this.#events.delete(oldest)
        break
      }
    }
    return event
  }

  complete(event: PlatformEvent, results: readonly unknown[]): void {
    event.completedAt = new Date()
    event.results = results
  }

  get(id: string): PlatformEvent | undefined {
    return this.#events.get(id)
  }

  newestFirst(): PlatformEvent[] {
    return [...this.#events.values()].reverse()
  }

  clear(): void {
    this.#events.clear()
  }
}

/** Work that the service has promised and not yet done. */
export class Jobs {
  #timers = new Set<NodeJS.Timeout>()

  /** Runs at once without a delay, so that what was asked for shows in the next answer. */
  after(millis: number, work: () => void): void {
    if (millis <= 0) return work()
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, millis)
    timer.unref()
    this.#timers.add(timer)
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
