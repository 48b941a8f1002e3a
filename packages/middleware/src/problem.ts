import { ScopedMemoryError } from '@scoped-memory/core'
import { MemoryMiddlewareError } from './errors.ts'

const CONTENT_TYPE = 'application/problem+json'

/** An error as a client may see it (RFC 9457): its status, and the reason where the fault is the client's. */
export interface Problem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function problemOf(error: unknown): Problem {
  const known = error instanceof ScopedMemoryError || error instanceof MemoryMiddlewareError
  const status = known ? error.status : 500
  return {
    status,
    headers: { 'content-type': CONTENT_TYPE, 'cache-control': 'no-store' },
    body: JSON.stringify({
      status,
      ...(known && { code: error.code }),
      ...(known && status < 500 && { detail: error.message }),
    }),
  }
}

export function problemResponse(error: unknown): Response {
  const { status, headers, body } = problemOf(error)
  return new Response(body, { status, headers })
}
