import { randomUUID } from 'node:crypto'
import type { Filters } from './filters.ts'
import { Store } from './store.ts'

export interface Delays {
  /** Milliseconds until an inferred add can be seen. */
  readonly add: number
  /** Milliseconds until a deletion of many memories has happened. */
  readonly delete: number
}

export interface Webhook {
  readonly id: string
  readonly createdAt: Date
  updatedAt: Date
  name: string
  url: string
  eventTypes: string[]
}

export interface MemoryExport {
  readonly id: string
  readonly filters: Filters
  readonly data: Record<string, unknown>
}

export interface Profile {
  readonly profile: Record<string, unknown>
  readonly updatedAt: Date
  readonly generationCount: number
}

export interface ProfileJob {
  readonly id: string
  readonly operation: string
  readonly entityIds: readonly string[]
}

export interface ProfileSettings {
  enabled: boolean
  schema: Record<string, unknown> | null
  customInstructions: string | null
}

const unsetProfileSettings = (): ProfileSettings => ({
  enabled: true,
  schema: null,
  customInstructions: null,
})

/** What the routes work on; forgotten as a whole by `clear`. */
export class PlatformState {
  readonly store = new Store()
  readonly events = new EventLog()
  readonly jobs = new Jobs()
  /** What was set on the project, by its name on the wire. */
  readonly projectSettings = new Map<string, unknown>()
  readonly webhooks = new Map<string, Webhook>()
  /** Oldest first. */
  readonly exports: MemoryExport[] = []
  readonly profiles = new Map<string, Profile>()
  readonly profileJobs = new Map<string, ProfileJob>()
  readonly profileSettings = unsetProfileSettings()
  readonly delays: Delays

  constructor(delays: Delays) {
    this.delays = delays
  }

  clear(): void {
    this.jobs.clear()
    this.store.clear()
    this.events.clear()
    this.projectSettings.clear()
    this.webhooks.clear()
    this.exports.length = 0
    this.profiles.clear()
    this.profileJobs.clear()
    Object.assign(this.profileSettings, unsetProfileSettings())
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
