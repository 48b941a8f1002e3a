/** What is touched of mem0's `Memory` on the `pgvector` provider. */
interface PgMemory {
  vectorStore?: PgStore | undefined
  _entityStore?: PgStore | undefined
  _initError?: Error | undefined
}
interface PgStore {
  client?: PgClient | undefined
  initialize?(): Promise<void>
  close?(): Promise<void>
}
interface PgClient {
  on?(event: 'error', listener: (error: Error & { code?: string }) => void): unknown
}

const protectedMemories = new WeakSet<object>()
const listenedTo = new WeakSet<object>()

/**
 * Keeps a process alive when Postgres ends a connection of a `Memory` on the `pgvector` provider, and has the next call
 * open a new one. Calls that were under way fail with the error of `pg`; none is sent again. The first such end in a
 * process is a `ScopedMemoryWarning`. Calling it again for the same `Memory` changes nothing.
 *
 * mem0 does not listen for errors of its two connections, so a restart, a failover or an idle timeout of the server ends
 * the process; and it never connects a second time. It opens its connections one by one, some with the first call that
 * needs them, so the properties that hold them are watched.
 *
 * @param memory a `Memory` of `mem0ai/oss` whose vector store is `pgvector`
 */
export function surviveDroppedConnections(memory: object): void {
  if (protectedMemories.has(memory)) return
  const mem0: PgMemory = memory
  whenSet(mem0, 'vectorStore', (store) => {
    onDrop(store, (error) => {
      // mem0's next call opens the store again where the last attempt to open it failed.
      if (mem0.vectorStore === store) Reflect.set(mem0, '_initError', error)
    })
  })
  whenSet(mem0, '_entityStore', (store) => {
    const forget = () => {
      if (mem0._entityStore === store) Reflect.set(mem0, '_entityStore', undefined)
    }
    onDrop(store, forget)
    // mem0 keeps an entity store that could not be opened, and never opens it again.
    store.initialize?.().catch(() => {
      forget()
      store.close?.().catch(() => undefined)
    })
  })
  protectedMemories.add(memory)
}

function onDrop(store: PgStore, dropped: (error: Error) => void): void {
  whenSet(store, 'client', (client) => {
    // Handles may be made for many proxies of one Memory.
    if (listenedTo.has(client)) return
    listenedTo.add(client)
    client.on?.('error', (error) => {
      dropped(error)
      warnOnce(error.code)
    })
  })
}

/**
 * Calls back with what the property holds, now and whenever it is set. Where the property is not plain data that may be
 * changed, as on an object that is sealed or in a subclass that computes it, it is left as it is.
 */
function whenSet<Owner extends object, Key extends keyof Owner>(
  owner: Owner,
  key: Key,
  callback: (value: NonNullable<Owner[Key]> & object) => void,
): void {
  let held = owner[key]
  const tell = (value: Owner[Key]): void => {
    if (typeof value === 'object' && value !== null) callback(value)
  }
  tell(held)
  if (!isPlainProperty(owner, key)) return
  Object.defineProperty(owner, key, {
    configurable: true,
    enumerable: true,
    get: () => held,
    set(value: Owner[Key]) {
      held = value
      tell(value)
    },
  })
}

function isPlainProperty(owner: object, key: PropertyKey): boolean {
  for (let at: object | null = owner; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const property = Object.getOwnPropertyDescriptor(at, key)
    if (property === undefined) continue
    return 'value' in property && (at === owner ? property.configurable === true : Object.isExtensible(owner))
  }
  return Object.isExtensible(owner)
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
