/** A problem document (RFC 9457) with its status and headers. */
export interface Problem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * A problem document.
 *
 * @param members the members beside `status`
 * @param headers the headers beside `content-type`; by default no cache keeps it
 */
export function problem(
  status: number,
  members: { readonly code?: string; readonly detail?: string },
  headers: Readonly<Record<string, string>> = { 'cache-control': 'no-store' },
): Problem {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({ status, ...members }),
  }
}

/** A problem document as a web-standard response. */
export function problemResponse({ status, headers, body }: Problem): Response {
  return new Response(body, { status, headers })
}
