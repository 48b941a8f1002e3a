import { startMem0Platform, type Fault } from '@scoped-memory/mem0-platform'
import { FaultCounter, type SoakBackend } from './backend.ts'

/** The hosted API, over a stand-in that fails at random. */
export async function platformBackend(): Promise<SoakBackend> {
  const platform = await startMem0Platform({ recordRequests: false })
  return {
    env: { MEM0_HOST: platform.url },
    tellsFate: false,
    injectFaults({ faultEveryMillis, users }) {
      const kinds: Readonly<Record<string, () => Fault>> = {
        'rate limit': () => ({ status: 429 }),
        'server error': () => ({ status: 500 }),
        'bad gateway': () => ({ status: 502, body: '<html>' }),
        'broken connection': () => ({ closeSocket: true }),
        'no response': () => ({ hang: true }),
        'slow response': () => ({ delayMillis: 50 + Math.random() * 500 }),
        'not JSON': () => ({ rubbish: '<html>' }),
        'records of another user': () => ({ foreignRowsOf: `u_${1000 + Math.floor(Math.random() * users)}` }),
      }
      const counter = new FaultCounter()
      const names = Object.keys(kinds)
      const timer = setInterval(
        () => platform.misbehave({ with: kinds[counter.pick(names)]!() }),
        faultEveryMillis,
      )
      return {
        async stop() {
          clearInterval(timer)
          // Uses up the faults that are still pending.
          const total = Object.values(counter.counts).reduce((sum, times) => sum + times, 0)
          await Promise.allSettled(
            Array.from({ length: total }, () => fetch(platform.url, { signal: AbortSignal.timeout(500) })),
          )
          return { counts: counter.counts, recoveryMillis: 0 }
        },
      }
    },
    stored: () =>
      Promise.resolve(
        [...platform.store.all()].map(({ text, userId }) => ({ text, userId: userId!, isWhole: true })),
      ),
    [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose](),
  }
}
