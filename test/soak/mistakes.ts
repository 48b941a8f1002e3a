import { setTimeout as sleep } from 'node:timers/promises'
import type { ScopedMemory } from '@scoped-memory/core'
import { CAREFUL, type NoteKeeping } from './app.ts'

let latest: ScopedMemory

/** Mistakes that the soak has to find, each by one of its counts. */
export const CARELESS: Readonly<Record<string, NoteKeeping>> = {
  /** Keeps the handle where the next request reaches it. */
  shares: {
    ...CAREFUL,
    async memoryOf(req) {
      latest = req.memory
      await sleep(1)
      return latest
    },
  },
  /** Says that a note is kept before it is. */
  hurries: {
    ...CAREFUL,
    remember(memory, text) {
      CAREFUL.remember(memory, text).catch(() => undefined)
      return Promise.resolve()
    },
  },
  /** Sends what failed again, although it may have arrived. */
  insists: {
    ...CAREFUL,
    remember: (memory, text) => CAREFUL.remember(memory, text).catch(() => CAREFUL.remember(memory, text)),
  },
}
