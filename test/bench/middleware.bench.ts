// What the middleware costs a server: requests per second, compared with a route that scopes by hand and with no middleware.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { median } from './paired.ts'
import type { Way } from './middleware-servers.ts'

const FRAMEWORKS = ['express', 'koa', 'fastify', 'hono', 'web', 'node']
const ROUNDS = 21
const SEARCHES = 600
const PLAIN_REQUESTS = 4000
const CONNECTIONS = 16
// How often autocannon checks whether it is done; its default is once a second.
const TICK_MILLIS = 10

/**
 * For each framework, with the server in one process and autocannon in this one:
 *
 * - `ratio`: a route that searches, with the middleware relative to scoping the bare client by hand; the real
 *   MemoryClient over HTTP to the stand-in in a third process
 * - `mounted.ratio`: a route that uses no memory, with the middleware in front relative to no middleware
 */
export async function bench(): Promise<Record<string, number>> {
  const [platform, url] = await startScript('platform-process.ts')
  const figures: Record<string, number> = {}
  try {
    for (const framework of FRAMEWORKS) {
      const [servers, line] = await startScript('middleware-servers.ts', framework, url)
      const urls = JSON.parse(line) as Record<Way, string>
      try {
        figures[`middleware.${framework}.ratio`] = await ratio(SEARCHES, urls['by hand'], urls.middleware)
        figures[`middleware.${framework}.mounted.ratio`] = await ratio(
          PLAIN_REQUESTS,
          urls.none,
          urls.mounted,
        )
      } finally {
        servers.kill()
      }
    }
  } finally {
    platform.kill()
  }
  return figures
}

// Alternates A B B A … in short rounds, so that a machine that slows down slows both.
async function ratio(amount: number, baseline: string, subject: string): Promise<number> {
  for (const url of [baseline, subject]) await secondsFor(amount, url)
  const ratios: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? [baseline, subject] : [subject, baseline]
    const seconds = new Map<string, number>()
    for (const url of order) seconds.set(url, await secondsFor(amount, url))
    ratios.push(seconds.get(baseline)! / seconds.get(subject)!)
  }
  return median(ratios)
}

async function secondsFor(amount: number, url: string): Promise<number> {
  const { errors, non2xx, start, finish } = await autocannon({
    url,
    connections: CONNECTIONS,
    amount,
    sampleInt: TICK_MILLIS,
  })
  if (errors + non2xx > 0) throw new Error(`${url}: ${errors} errors, ${non2xx} responses other than 2xx`)
  return (finish.getTime() - start.getTime()) / 1000
}

/** Starts a script of this folder and resolves to its process and the first line it prints. */
async function startScript(script: string, ...args: string[]): Promise<[ChildProcess, string]> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return [child, String(line).trim()]
}
