/** The headers of a request of Node, or of a framework on it, as web-standard ones. */
export function webHeaders(
  headers: Headers | Readonly<Record<string, string | string[] | undefined>>,
): Headers {
  if (headers instanceof Headers) return headers
  const copy = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2 has names such as ":path" among the headers.
    if (name.startsWith(':')) continue
    for (const item of Array.isArray(value) ? value : [value]) if (item !== undefined) copy.append(name, item)
  }
  return copy
}
