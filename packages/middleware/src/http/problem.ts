import { ScopedMemoryError } from '@scoped-memory/core'
import { statusOf } from '../errors.ts'

const CONTENT_TYPE = 'application/problem+json'

/** An error as a client may see it (RFC 9457): its status, and the reason where it is ours and the fault the client's. */
export interface Problem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function problemOf(error: unknown): Problem {
  const status = statusOf(error)
  const told = error instanceof ScopedMemoryError && status < 500
  return {
    status,
    headers: { 'content-type': CONTENT_TYPE, 'cache-control': 'no-store' },
    body: JSON.stringify({ status, ...(told && { code: error.code, detail: error.message }) }),
  }
}

export function problemResponse(error: unknown): Response {
  const { status, headers, body } = problemOf(error)
  return new Response(body, { status, headers })
}
