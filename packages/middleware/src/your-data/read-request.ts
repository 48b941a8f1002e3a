import { InvalidArgumentError } from '@scoped-memory/core'
import { MemoryMiddlewareError } from '../errors.ts'

const MAX_BODY_BYTES = 64 * 1024
// A body that is too large is read on up to here, so that the connection can serve the next request.
const MAX_DISCARDED_BYTES = 8 * 1024 * 1024

/**
 * The body of a request, an object of JSON; empty where it is another kind of JSON.
 *
 * @throws InvalidArgumentError where it is not JSON, not sent as JSON, or larger than 64 KiB
 * @throws MemoryMiddlewareError `BODY_TAKEN` where it was read before
 */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
  // A form of another website cannot send this type.
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new InvalidArgumentError('Send the body as JSON, with content-type: application/json.')
  }
  if (request.bodyUsed) {
    throw new MemoryMiddlewareError(
      'The body of this request was read before memoryRoutes() could. Whatever reads it first has to read a copy: request.clone().text().',
      'BODY_TAKEN',
    )
  }
  const text = await readText(request)
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? { ...body } : {}
  } catch {
    throw new InvalidArgumentError('The body is not JSON.')
  }
}

async function readText(request: Request): Promise<string> {
  let text = ''
  let bytes = 0
  const decoder = new TextDecoder()
  const reader = request.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    bytes += read.value.byteLength
    if (bytes > MAX_DISCARDED_BYTES) break
    if (bytes <= MAX_BODY_BYTES) text += decoder.decode(read.value, { stream: true })
  }
  if (bytes > MAX_BODY_BYTES)
    throw new InvalidArgumentError(`The body is larger than ${MAX_BODY_BYTES} bytes.`)
  return text
}

/**
 * A whole number of at least 1 from the query.
 *
 * @throws InvalidArgumentError where it is something else
 */
export function readCount(url: URL, name: string, defaultValue: number): number {
  const value = url.searchParams.get(name)
  if (value === null) return defaultValue
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw new InvalidArgumentError(`${name} must be a whole number of at least 1.`)
  return Number(value)
}
