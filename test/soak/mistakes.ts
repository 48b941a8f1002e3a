import { setTimeout as sleep } from 'node:timers/promises'
import type { ScopedMemory } from '@scoped-memory/core'
import { CORRECT, type NoteKeeping } from './app.ts'

let latest: ScopedMemory

/** Mistakes that the soak has to find, each through one of its counts. */
export const MISTAKES: Readonly<Record<string, NoteKeeping>> = {
  /** Keeps the handle where the next request can reach it. */
  'shared-handle': {
    ...CORRECT,
    async memoryOf(req) {
      latest = req.memory
      await sleep(1)
      return latest
    },
  },
  /** Responds before the note is stored. */
  'unawaited-add': {
    ...CORRECT,
    remember(memory, text) {
      CORRECT.remember(memory, text).catch(() => undefined)
      return Promise.resolve()
    },
  },
  /** Retries a failed add, although it may have been stored. */
  'blind-retry': {
    ...CORRECT,
    remember: (memory, text) => CORRECT.remember(memory, text).catch(() => CORRECT.remember(memory, text)),
  },
}
