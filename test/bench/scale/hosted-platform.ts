// The stand-in for the hosted API in a process of its own, filled by message.
import { startMem0Platform } from '@scoped-memory/mem0-platform'
import { ownText, SENTENCES, userId } from './texts.ts'

/** What is asked: so many users, or how much memory is resident. */
export type ToPlatform = { readonly users: number; readonly memories: number } | 'rss'
export interface FromPlatform {
  readonly url?: string
  readonly seeded?: number
  readonly done?: boolean
  readonly rss?: number
}

const BATCH = 50_000
const platform = await startMem0Platform({ recordRequests: false })
const say = (message: FromPlatform): void => void process.send!(message)

process.on('message', (message: ToPlatform) => {
  if (message === 'rss') return say({ rss: process.memoryUsage.rss() })
  const { users, memories } = message
  platform.reset()
  let seeded = 0
  for (let round = 0; round < memories; round++) {
    for (let index = 0; index < users; index++) {
      const user = userId(index)
      platform.store.seed([{ text: ownText(round % SENTENCES.length, user), userId: user }])
      if (++seeded === BATCH) {
        say({ seeded })
        seeded = 0
      }
    }
  }
  say({ seeded, done: true })
})
say({ url: platform.url })
