import { AsyncLocalStorage } from 'node:async_hooks'
import type { ScopedMemory } from '@scoped-memory/core'
import { MemoryMiddlewareError } from './errors.ts'

const storage = new AsyncLocalStorage<ScopedMemory | undefined>()

/**
 * Runs a function in which {@link currentMemory} returns this memory, also in what it starts and does not wait for.
 * Opt in behind `scopedMemory()`:
 *
 * ```ts
 * app.use((req, res, next) => runWithMemory(getMemory(req), next))      // Express, Connect
 * app.use((ctx, next) => runWithMemory(getMemory(ctx), next))           // Koa
 * app.use((c, next) => runWithMemory(getMemory(c), next))               // Hono
 * app.addHook('preHandler', (request, reply, done) => runWithMemory(getMemory(request), done))   // Fastify
 * withMemory(options, (request, { memory }) => runWithMemory(memory, () => handler(request)))    // web
 * ```
 *
 * @param memory undefined hides the memory of an enclosing call
 */
export function runWithMemory<T>(memory: ScopedMemory | undefined, run: () => T): T {
  return storage.run(memory, run)
}

/**
 * The memory of the user this code runs for.
 *
 * What runs later for several users (an event listener, the callback of a pool, a batch) runs in the context of whoever
 * triggered it. Take the memory before, in a constant, and use that there.
 *
 * @throws MemoryMiddlewareError `MEMORY_NOT_MOUNTED` outside {@link runWithMemory}
 */
export function currentMemory(): ScopedMemory {
  const memory = storage.getStore()
  if (memory === undefined) {
    throw new MemoryMiddlewareError(
      'There is no memory here: this code does not run in a request that has one, or it lost its context. Behind scopedMemory() write: ' +
        'app.use((req, res, next) => runWithMemory(getMemory(req), next)). In a listener or the callback of a pool, use a memory you took before.',
      'MEMORY_NOT_MOUNTED',
    )
  }
  return memory
}

/** The memory of the user this code runs for; undefined outside {@link runWithMemory}. */
export function tryCurrentMemory(): ScopedMemory | undefined {
  return storage.getStore()
}
