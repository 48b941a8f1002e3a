import type { ServerResponse } from 'node:http'
import onHeaders from 'on-headers'

/** Sets `cache-control` at the last moment, where the handler set none, however it answers. */
export function defaultCacheControl(response: ServerResponse, value: string | undefined): void {
  if (value === undefined || response.headersSent) return
  onHeaders(response, () => {
    if (!response.hasHeader('cache-control')) response.setHeader('cache-control', value)
  })
}
