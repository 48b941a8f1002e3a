import type { ServerResponse } from 'node:http'
import onHeaders from 'on-headers'

/** Sets `cache-control` at the last moment if the handler set none, however it responds. */
export function setDefaultCacheControl(response: ServerResponse, value: string | undefined): void {
  if (value === undefined || response.headersSent) return
  onHeaders(response, () => {
    if (!response.hasHeader('cache-control')) response.setHeader('cache-control', value)
  })
}
