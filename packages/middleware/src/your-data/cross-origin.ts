/**
 * Whether a page of another origin sent a request, unless that origin is allowed. As Go's http.CrossOriginProtection
 * decides it: browsers send `Sec-Fetch-Site` or `Origin` with every request that changes something, programs neither.
 */
export function isCrossOrigin({ headers }: Request, url: URL, allowedOrigins: ReadonlySet<string>): boolean {
  const origin = headers.get('origin')
  if (origin !== null && allowedOrigins.has(origin)) return false
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  return (
    origin !== null && (!URL.canParse(origin) || new URL(origin).host !== (headers.get('host') ?? url.host))
  )
}
