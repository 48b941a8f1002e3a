/** A response with `cache-control` if it has none. On its own, because `on-headers` needs Node. */
export function withDefaultCacheControl(response: Response, value: string | undefined): Response {
  // A response that switches protocols can be neither cached nor copied.
  if (value === undefined || response.status < 200 || response.headers.has('cache-control')) return response
  try {
    response.headers.set('cache-control', value)
    return response
  } catch {
    // The headers of a response from fetch() cannot be changed.
    const copy = new Response(response.body, response)
    copy.headers.set('cache-control', value)
    return copy
  }
}
