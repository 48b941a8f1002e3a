import { fork } from 'node:child_process'
import { on, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { MemoryClient } from 'mem0ai'
import type { FromPlatform, ToPlatform } from './hosted-platform.ts'
import type { ScaleEngine } from './scale-engine.ts'

/** The real client over HTTP to the stand-in, which runs in a process of its own. */
export async function openHostedEngine(): Promise<ScaleEngine> {
  const child = fork(fileURLToPath(new URL('hosted-platform.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx', '--max-old-space-size=12288'],
  })
  const messages = on(child, 'message', { close: ['close'] })
  const nextMessage = async (): Promise<FromPlatform> => {
    const { value, done } = await messages.next()
    if (done === true) throw new Error('The process of the stand-in ended.')
    return (value as [FromPlatform])[0]
  }
  const { url } = await nextMessage()
  return {
    client: new MemoryClient({ apiKey: 'm0-scale', host: url! }),
    async fill(users, memories, onRows) {
      child.send({ users, memories } satisfies ToPlatform)
      for (;;) {
        const { seeded, done } = await nextMessage()
        if (seeded !== undefined) onRows(seeded)
        if (done === true) return
      }
    },
    async serverRss() {
      child.send('rss' satisfies ToPlatform)
      return (await nextMessage()).rss!
    },
    async close() {
      const ended = once(child, 'close')
      child.kill()
      await ended
    },
  }
}
