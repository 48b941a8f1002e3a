/** What is touched of mem0's `Memory` on the `pgvector` provider. */
interface PgMemory {
  vectorStore?: PgStore | undefined
  _entityStore?: PgStore | undefined
  _initError?: Error | undefined
}
interface PgStore {
  client?: PgClient | undefined
  initialize(): Promise<void>
  close(): Promise<void>
}
interface PgClient {
  on?(event: 'error', listener: (error: Error & { code?: string }) => void): unknown
}

const kept = new WeakSet<object>()

/**
 * Keeps a process alive when Postgres ends a connection of a `Memory` on the `pgvector` provider, and has the next call
 * open a new one. Calls that were under way fail with the error of `pg`; none is sent again. The first such end in a
 * process is a `ScopedMemoryWarning`. Calling it again for the same `Memory` changes nothing.
 *
 * mem0 listens to no error of its two connections, so a restart, a failover or an idle timeout of the server ends the
 * process; and it never connects a second time. Its connections come up one by one, some with the first call that needs
 * them, hence the properties that hold them are watched.
 *
 * @param memory a `Memory` of `mem0ai/oss` whose vector store is `pgvector`
 */
export function surviveDroppedConnections(memory: object): void {
  if (kept.has(memory)) return
  kept.add(memory)
  const mem0: PgMemory = memory
  whenSet(mem0, 'vectorStore', (store) => {
    onDrop(store, (error) => {
      // mem0's next call opens the store again where the last attempt to open it failed.
      if (mem0.vectorStore === store) mem0._initError = error
    })
  })
  whenSet(mem0, '_entityStore', (store) => {
    const forget = () => {
      if (mem0._entityStore === store) mem0._entityStore = undefined
    }
    onDrop(store, forget)
    // mem0 keeps an entity store that could not be opened, and never opens it again.
    store.initialize().catch(() => {
      forget()
      store.close().catch(() => undefined)
    })
  })
}

function onDrop(store: PgStore, dropped: (error: Error) => void): void {
  whenSet(store, 'client', (client) => {
    client.on?.('error', (error) => {
      dropped(error)
      warnOnce(error.code)
    })
  })
}

/** Calls `seen` with what the property holds, now and whenever it is set. */
function whenSet<Owner extends object, Key extends keyof Owner>(
  owner: Owner,
  key: Key,
  seen: (value: NonNullable<Owner[Key]>) => void,
): void {
  let held = owner[key]
  if (held) seen(held)
  Object.defineProperty(owner, key, {
    configurable: true,
    enumerable: true,
    get: () => held,
    set(value: Owner[Key]) {
      held = value
      if (value) seen(value)
    },
  })
}

let warned = false

function warnOnce(code: string | undefined): void {
  if (warned) return
  warned = true
  process.emitWarning(
    `Postgres ended a connection of mem0${code === undefined ? '' : ` (${code})`}. Calls under way failed and are not ` +
      'repeated; the next call connects again. Where this is frequent, look for an idle timeout of the server, a pooler ' +
      'or a firewall in between.',
    { type: 'ScopedMemoryWarning', code: 'SCOPED_MEMORY_CONNECTION' },
  )
}
