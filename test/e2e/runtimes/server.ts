// Serves on Bun or on Deno, whichever runs it, and prints the port.
import { createApp, type App } from './app.ts'

declare const Bun:
  | { serve(options: { hostname: string; port: number; fetch: App }): { readonly port: number } }
  | undefined
declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen: (address: { readonly port: number }) => void },
    handler: App,
  ): void
}

const address = { hostname: '127.0.0.1', port: 0 }
const fetch = createApp(process.env['MEM0_HOST']!)
if (typeof Bun === 'undefined') Deno.serve({ ...address, onListen: ({ port }) => console.log(port) }, fetch)
else console.log(Bun.serve({ ...address, fetch }).port)
