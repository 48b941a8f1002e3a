import { hideError } from '../error-response.ts'
import { problem, problemResponse } from '../http/problem.ts'

const HEADERS = {
  'cache-control': 'private, no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
}

export function json(value: unknown): Response {
  return Response.json(value, { headers: HEADERS })
}

export function noContent(): Response {
  return new Response(null, { status: 204, headers: HEADERS })
}

/** A request that is refused before a memory is asked. */
export function refusal(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return problemResponse(problem(status, { detail }, { ...HEADERS, ...headers }))
}

/** A JSON file to download, sent as it is generated. */
export function jsonFile(name: string, texts: AsyncGenerator<string>, request: Request): Response {
  return new Response(streamOf(texts, request), {
    headers: {
      ...HEADERS,
      'content-type': 'application/json',
      'content-disposition': `attachment; filename="${name}"`,
    },
  })
}

function streamOf(texts: AsyncGenerator<string>, request: Request): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      try {
        const next = await texts.next()
        if (next.done === true) controller.close()
        else controller.enqueue(encoder.encode(next.value))
      } catch (error) {
        throw isDisconnect(request, error) ? error : hideError(error)
      }
    },
    async cancel() {
      await texts.return(undefined)
    },
  })
}

/** Whether an error only says that the client disconnected. */
export function isDisconnect({ signal }: Request, error: unknown): boolean {
  return signal.aborted && error === signal.reason
}
