import { EventLog } from './event-log.ts'
import type { Filters } from './filters.ts'
import { Jobs } from './jobs.ts'
import { Store } from './store.ts'

export interface Delays {
  /** Milliseconds until an inferred add is visible. */
  readonly add: number
  /** Milliseconds until a deletion of many memories takes effect. */
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

const defaultProfileSettings = (): ProfileSettings => ({
  enabled: true,
  schema: null,
  customInstructions: null,
})

/** Everything the routes read and write; `clear` empties all of it. */
export class PlatformState {
  readonly store = new Store()
  readonly events = new EventLog()
  readonly jobs = new Jobs()
  /** The settings of the project, by their names on the wire. */
  readonly projectSettings = new Map<string, unknown>()
  readonly webhooks = new Map<string, Webhook>()
  /** Oldest first. */
  readonly exports: MemoryExport[] = []
  readonly profiles = new Map<string, Profile>()
  readonly profileJobs = new Map<string, ProfileJob>()
  readonly profileSettings = defaultProfileSettings()
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
    Object.assign(this.profileSettings, defaultProfileSettings())
  }
}
