/**
 * A stand-in for the hosted mem0 API that the real `MemoryClient` talks to: `new MemoryClient({ apiKey, host:
 * platform.url })`. Routes, statuses, shapes and the known quirks are the service's; what needs a model is not:
 * an inferred add stores each message of the user and the assistant in its own words, a search compares words,
 * nothing is categorised, and webhooks are kept but never called. Routes that this client never calls (adds and
 * searches of v1 and v2, members of organisations) are left out. Everything is held in memory.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PING } from './account.ts'
import { Misbehaviours, type Misbehaviour } from './misbehaviour.ts'
import { PlatformState } from './platform-state.ts'
import { createRouter } from './router.ts'
import { routes } from './routes/index.ts'
import { type RecordedRequest, serve } from './server.ts'
import type { Store } from './store.ts'

export type { Fault, Misbehaviour } from './misbehaviour.ts'
export type { RecordedRequest } from './server.ts'
export type { Entity, HistoryEntry, Memory, NewMemory, Store } from './store.ts'

export interface PlatformOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number
  /** The address to listen on; loopback only by default. */
  readonly host?: string
  /** The one API key that is accepted; by default any that begins as mem0's do, with `m0-`. */
  readonly apiKey?: string
  /** Milliseconds until an inferred add can be seen; 0 by default: before its answer. */
  readonly addDelayMillis?: number
  /** Milliseconds until `deleteAll` and the deletion of an entity have happened; 0 by default. */
  readonly deleteDelayMillis?: number
  /** Whether `requests` is kept; true by default. Turn it off for benchmarks. */
  readonly recordRequests?: boolean
}

export interface Mem0Platform extends AsyncDisposable {
  readonly url: string
  /** Every request but the ping that a client sends by itself when it is built. */
  readonly requests: readonly RecordedRequest[]
  clearRequests(): void
  /** Makes the next matching requests go wrong. Misbehaviours are used up in the order they were added. */
  misbehave(misbehaviour: Misbehaviour): void
  readonly store: Store
  /** Back to empty: rows, entities, events, settings, requests, misbehaviours. */
  reset(): void
  /** Stops at once, also for requests that hang. */
  close(): Promise<void>
}

/** Starts the server. Rejects with the system's error (such as `EADDRINUSE`) when it cannot listen. */
export async function startMem0Platform(options: PlatformOptions = {}): Promise<Mem0Platform> {
  const state = new PlatformState({
    add: options.addDelayMillis ?? 0,
    delete: options.deleteDelayMillis ?? 0,
  })
  const misbehaviours = new Misbehaviours()
  const requests: RecordedRequest[] = []
  const parts = {
    router: createRouter(routes),
    state,
    misbehaviours,
    apiKey: options.apiKey,
    record: (request: RecordedRequest): void => {
      if (options.recordRequests !== false && request.path !== PING) requests.push(request)
    },
  }
  const server = createServer((req, res) => {
    serve(parts, req, res).catch((error: unknown) => {
      if (req.socket.destroyed) return // the caller went away: there is nobody to answer
      console.error('The mem0 stand-in failed on', req.method, req.url, error)
      if (!res.headersSent) res.writeHead(500, { 'content-type': 'application/json' })
      res.end(JSON.stringify({ error: 'Internal server error' }))
    })
  })
  // Clients keep connections for a while; closing them first would race with their next request.
  server.keepAliveTimeout = 60_000

  const host = options.host ?? '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo

  const clearRequests = (): void => void requests.splice(0)
  const close = async (): Promise<void> => {
    state.jobs.clear()
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    requests,
    clearRequests,
    misbehave: (misbehaviour) => misbehaviours.add(misbehaviour),
    store: state.store,
    reset() {
      state.clear()
      misbehaviours.clear()
      clearRequests()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
