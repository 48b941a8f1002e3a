// A generated project of 2,000 files, shaped like a service that grew: routers, services and stores by feature.
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Files of a feature: with mem0, one service and its routes; besides, pairs of a store and its routes. */
const perFeature = 16

export interface MonolithOptions {
  /** How many files there are, about. Default 2,000. */
  readonly files?: number
  /** Whether one file in eight leads to mem0 through a service; otherwise none does. Default `true`. */
  readonly mem0?: boolean
}

/** Writes the project to a new folder and returns its path. */
export function writeMonolith({ files = 2000, mem0 = true }: MonolithOptions = {}): string {
  const project = mkdtempSync(join(tmpdir(), 'scoped-memory-bench-'))
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(project, path)), { recursive: true })
    writeFileSync(join(project, path), text)
  }
  mkdirSync(join(project, 'node_modules'))
  // The package has no package.json among its exports, so its folder is found through its entry.
  const installed = dirname(dirname(createRequire(import.meta.url).resolve('mem0ai')))
  symlinkSync(installed, join(project, 'node_modules/mem0ai'))
  const compilerOptions = {
    strict: true,
    target: 'es2023',
    module: 'nodenext',
    skipLibCheck: true,
    types: [],
  }
  write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['src'] }))
  write('package.json', JSON.stringify({ type: 'module' }))
  write('src/platform/http.ts', http)
  if (mem0) write('src/platform/memory-client.ts', client)
  const routers: string[] = []
  for (let feature = 0; feature < Math.ceil(files / perFeature); feature++) {
    const folder = `src/areas/area-${feature % 10}/feature-${feature}`
    for (let index = 0; index < perFeature / 2; index++) {
      const withMem0 = mem0 && index === 0
      const name = withMem0 ? 'memory' : `orders-${index}`
      const id = `${feature}x${index}`
      write(
        `${folder}/domain/${name}.service.ts`,
        withMem0 ? memoryService(id) : store(id, index > 1 ? index - 1 : undefined, feature),
      )
      write(`${folder}/http/${name}.routes.ts`, withMem0 ? memoryRoutes(id) : storeRoutes(id, name))
      routers.push(`./${folder.slice('src/'.length)}/http/${name}.routes.js`)
    }
  }
  write('src/app.ts', app(routers))
  return project
}

const http = `export interface Request {
  readonly params: Record<string, string>
  readonly query: Record<string, string>
  readonly body: any
  readonly user: { readonly id: string; readonly name: string }
}
export interface Response {
  json(value: unknown): void
}
type Handler = (req: Request, res: Response, next: () => void) => unknown
export interface Router {
  use(...handlers: (string | Handler | Router)[]): void
  get(path: string, ...handlers: Handler[]): void
  post(path: string, ...handlers: Handler[]): void
}
export declare function createRouter(): Router
export interface Repository<T> {
  get(id: string): Promise<T | undefined>
  add(row: T): Promise<void>
  search(text: string): Promise<readonly T[]>
}
export const requireUser: Handler = (req, _res, next) => {
  if (!req.user.id) throw new Error('Not signed in')
  next()
}
`

const client = `import { MemoryClient } from 'mem0ai'
export const memory = new MemoryClient({ apiKey: 'm0-k' })
export const openMemory = async () => memory
`

const app = (
  routers: readonly string[],
): string => `import { createRouter, requireUser } from './platform/http.js'
${routers.map((path, index) => `import { router as router${index} } from '${path}'`).join('\n')}

export const app = createRouter()
app.use(requireUser)
${routers.map((_, index) => `app.use('/${index}', router${index})`).join('\n')}
`

const memoryService = (
  id: string,
): string => `import { memory, openMemory } from '../../../../platform/memory-client.js'

export interface Found${id} {
  readonly text: string
}

export class MemoryService${id} {
  readonly #seen = new Map<string, number>()

  async search(userId: string, query: string): Promise<Found${id}[]> {
    const { results } = await memory.search(query, { filters: { user_id: userId }, topK: 5 })
    for (const found of results) this.#seen.set(found.id, (this.#seen.get(found.id) ?? 0) + 1)
    return results.map((found) => ({ text: found.memory ?? '' }))
  }

  async add({ userId, text, runId }: { userId: string; text: string; runId?: string }): Promise<void> {
    const client = await openMemory()
    await client.add([{ role: 'user', content: text }], { userId, ...(runId ? { runId } : {}) })
    this.#seen.delete(text)
  }

  async get(userId: string): Promise<number> {
    const found = await this.search(userId, '*')
    return found.length
  }
}

export const memories${id} = new MemoryService${id}()
`

const memoryRoutes = (
  id: string,
): string => `import { createRouter, requireUser } from '../../../../platform/http.js'
import { memories${id} } from '../domain/memory.service.js'

export const router = createRouter()
router.use(requireUser)

router.get('/mine', async (req, res) => {
  res.json(await memories${id}.search(req.user.id, req.query['q'] ?? ''))
})

router.get('/users/:userId', async (req, res) => {
  const { userId } = req.params
  res.json(await memories${id}.search(userId ?? '', req.query['q'] ?? ''))
})

router.get('/users/:userId/own', async (req, res) => {
  if (req.params['userId'] !== req.user.id) throw new Error('Not yours')
  res.json(await memories${id}.get(req.params['userId']))
})

router.post('/', async (req, res) => {
  await memories${id}.add({ userId: req.user.id, text: req.body.text })
  res.json({})
})

router.post('/import', async (req, res) => {
  await memories${id}.add({ ...req.body, text: req.body.text.trim() })
  res.json({})
})
`

const store = (
  id: string,
  previous: number | undefined,
  feature: number,
): string => `import type { Repository } from '../../../../platform/http.js'
${previous === undefined ? '' : `import { Orders${feature}x${previous} } from './orders-${previous}.service.js'\n\nexport const previous = new Orders${feature}x${previous}()\n`}
export interface Row${id} {
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
}

export class Orders${id} implements Repository<Row${id}> {
  readonly #rows = new Map<string, Row${id}>()
  readonly #waiting = new Set<Promise<void>>()

  async get(id: string): Promise<Row${id} | undefined> {
    return this.#rows.get(id)
  }

  async add(row: Row${id}): Promise<void> {
    const saving = this.#save(row)
    this.#waiting.add(saving)
    await saving
    this.#waiting.delete(saving)
  }

  async #save(row: Row${id}): Promise<void> {
    await Promise.resolve()
    this.#rows.set(row.id, row)
  }

  async search(text: string): Promise<readonly Row${id}[]> {
    return [...this.#rows.values()].filter((row) => row.name.includes(text) || row.tags.includes(text))
  }

  async update(id: string, change: Partial<Row${id}>): Promise<boolean> {
    const row = await this.get(id)
    if (!row) return false
    await this.add({ ...row, ...change })
    return this.#rows.delete(id)
  }
}

export async function run${id}(service: Orders${id}, headers: Headers): Promise<number> {
  await service.add({ id: headers.get('x-id') ?? 'a', name: 'n', tags: [] })
  const found = await service.search('n')
  await Promise.all(found.map((row) => service.update(row.id, { name: row.name.toUpperCase() })))
  return found.length
}
`

const storeRoutes = (
  id: string,
  name: string,
): string => `import { createRouter, requireUser } from '../../../../platform/http.js'
import { Orders${id}, run${id} } from '../domain/${name}.service.js'

const orders = new Orders${id}()
export const router = createRouter()
router.use(requireUser)

router.get('/:id', async (req, res) => {
  res.json(await orders.get(req.params['id'] ?? ''))
})

router.get('/', async (req, res) => {
  res.json(await orders.search(req.query['q'] ?? ''))
})

router.post('/', async (req, res) => {
  const { id, name, tags } = req.body
  await orders.add({ id, name, tags })
  res.json({ count: await run${id}(orders, new Headers()) })
})
`
