/**
 * A stand-in for the hosted mem0 API that the real `MemoryClient` talks to: `new MemoryClient({ apiKey, host:
 * platform.url })`. Routes, statuses, shapes and the known quirks are those of the service. What needs a model is
 * simplified: an inferred add stores each message of the user and the assistant verbatim, a search compares words,
 * nothing is categorised, and webhooks are stored but never called. Routes that this client never calls (adds and
 * searches of v1 and v2, members of organisations) are left out. Everything is kept in memory.
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
  /** The port to listen on. Default 0: a free one. */
  readonly port?: number
  /** The address to listen on. Default: loopback only. */
  readonly host?: string
  /** The only API key to accept. Default: every key that begins with `m0-`, as mem0's do. */
  readonly apiKey?: string
  /** Milliseconds until an inferred add is visible. Default 0: before its response. */
  readonly addDelayMillis?: number
  /** Milliseconds until `deleteAll` and the deletion of an entity take effect. Default 0: before their response. */
  readonly deleteDelayMillis?: number
  /** Whether to record requests. Default true; turn it off for benchmarks. */
  readonly recordRequests?: boolean
}

export interface Mem0Platform extends AsyncDisposable {
  readonly url: string
  /** Every request except the ping that a client sends by itself when it is created. */
  readonly requests: readonly RecordedRequest[]
  clearRequests(): void
  /** Makes the next matching requests go wrong. Misbehaviours are used up in the order in which they were added. */
  misbehave(misbehaviour: Misbehaviour): void
  readonly store: Store
  /** Deletes everything: rows, entities, events, settings, requests and misbehaviours. */
  reset(): void
  /** Stops at once and drops requests that hang. */
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
      if (req.socket.destroyed) return // the client has disconnected
      console.error('The mem0 stand-in failed on', req.method, req.url, error)
      if (!res.headersSent) res.writeHead(500, { 'content-type': 'application/json' })
      res.end(JSON.stringify({ error: 'Internal server error' }))
    })
  })
  // Clients reuse connections for a while; closing an idle one would race with the next request.
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
