/**
 * The handle that the isolation checks call: the methods of ScopedMemory, with arguments of any type, since hostile
 * arguments are the point. Methods that are optional here are checked where they exist.
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

/** A method of a handle that reads or writes memories. */
export type HandleMethod = Exclude<keyof MemoryHandle, 'within'>

/** The records in a result: a list, or a list under `results`. */
export function recordsIn(result: unknown): Record<string, unknown>[] {
  const records = Array.isArray(result) ? result : (result as { results?: unknown } | null)?.results
  return (Array.isArray(records) ? records : []) as Record<string, unknown>[]
}

/** Calls a method and collects what it yields, if it yields. `undefined` when the handle lacks the method. */
export function callMethod(
  memory: MemoryHandle,
  method: HandleMethod,
  args: readonly unknown[],
): Promise<unknown> | undefined {
  const found: unknown = Reflect.get(memory, method)
  if (typeof found !== 'function') return undefined
  return (async () => {
    const result: unknown = await Reflect.apply(found, memory, args)
    return isAsyncIterable(result) ? collect(result) : result
  })()
}

async function collect(iterable: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = []
  for await (const item of iterable) items.push(item)
  return items
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
