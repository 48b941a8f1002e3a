import { randomUUID } from 'node:crypto'

export interface PlatformEvent {
  readonly id: string
  readonly type: string
  readonly payload: unknown
  readonly createdAt: Date
  completedAt: Date | null
  results: readonly unknown[]
}

const MAX_EVENTS = 10_000

/** The newest events. Older ones are dropped, so that a benchmark does not fill the memory with them. */
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
    if (this.#events.size > MAX_EVENTS) {
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
