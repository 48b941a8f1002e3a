/**
 * What the isolation contract asks of a handle: the methods of ScopedMemory, taking anything, since hostile arguments
 * are the point. Methods that are optional here are attacked where they exist.
 */
export interface MemoryHandle {
  // Method syntax, so that handles with narrower parameters fit.
  add(messages: never, options?: never): Promise<unknown>
  search(query: never, options?: never): Promise<unknown>
  getAll(options?: never): Promise<unknown>
  get(id: never): Promise<unknown>
  update(id: never, change: never): Promise<unknown>
  delete(id: never, options?: never): Promise<unknown>
  deleteAll(...options: never[]): Promise<unknown>
  history(id: never): Promise<unknown>
  list?(options?: never): AsyncIterable<unknown>
  batchUpdate?(changes: never): Promise<unknown>
  batchDelete?(ids: never): Promise<unknown>
  feedback?(feedback: never): Promise<unknown>
  erase?(options?: never): Promise<unknown>
  exportAll?(options?: never): AsyncIterable<unknown>
  within?(scope: never): MemoryHandle
}

/** A method of a handle that is called and answers. */
export type Method = Exclude<keyof MemoryHandle, 'within'>

/** How the isolation contract reaches the stack it tests. */
export interface IsolationOptions {
  /**
   * Makes the handle of a user, through whatever stands between your application's login and its memory: your factory,
   * your middleware, your wrapper. It may be called any number of times for one user. It must refuse what is no user
   * id, by throwing or rejecting, itself or on the first call of the handle; some attacks pass such values.
   */
  readonly createMemory: (userId: string) => MemoryHandle | Promise<MemoryHandle>
  /**
   * Makes the id of a user that nobody else has. Default: `isolation-` and a random part. Give it where your stack
   * takes ids of one form only, such as those of users in your database; the checks that use ids of other forms for
   * real users are then left out.
   */
  readonly newUserId?: (() => string | Promise<string>) | undefined
  /**
   * How many milliseconds the back end may take until a write is there or gone. Harm is looked for at once and again
   * after this time. Default 0: when a call has returned, it has happened.
   */
  readonly settleMillis?: number | undefined
  /** How many milliseconds to wait until what was stored can be seen. Default 10,000. */
  readonly timeoutMillis?: number | undefined
}

/** The records in an answer: a list, or a list under `results`. */
export function rowsOf(answer: unknown): Record<string, unknown>[] {
  const rows = Array.isArray(answer) ? answer : (answer as { results?: unknown } | null)?.results
  return (Array.isArray(rows) ? rows : []) as Record<string, unknown>[]
}

/** Calls a method, and reads what it yields where it yields. `undefined` for one that is absent. */
export function call(
  memory: MemoryHandle,
  method: Method,
  args: readonly unknown[],
): Promise<unknown> | undefined {
  const found: unknown = Reflect.get(memory, method)
  if (typeof found !== 'function') return undefined
  return (async () => {
    const answer: unknown = await Reflect.apply(found, memory, args)
    return isAsyncIterable(answer) ? collected(answer) : answer
  })()
}

async function collected(answer: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = []
  for await (const item of answer) items.push(item)
  return items
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
