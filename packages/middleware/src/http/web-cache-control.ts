/** An answer with `cache-control` where it has none. */
export function withCacheControl(response: Response, value: string | undefined): Response {
  // An answer that switches protocols is none that could be kept, or copied.
  if (value === undefined || response.status < 200 || response.headers.has('cache-control')) return response
  try {
    response.headers.set('cache-control', value)
    return response
  } catch {
    // The headers of an answer that came from fetch() cannot be changed.
    const copy = new Response(response.body, response)
    copy.headers.set('cache-control', value)
    return copy
  }
}
