import { basename } from 'node:path'
import { Linter } from 'eslint'
import * as parser from '@typescript-eslint/parser'
import { beforeAll, describe, expect, test } from 'vitest'
import type ts from 'typescript'
import plugin from '../../src/index.ts'
import { type Files, lintFile, programOf } from '../program.ts'

const rule = 'scoped-memory/no-untrusted-user-id-typed'

/** Files of a program, with what is reported in them between « and ». */
interface Case {
  readonly name: string
  readonly files: Files
  /** The source and the way of each report, by file and in the order of the marks. */
  readonly reports: readonly (readonly [source: string, way: string])[]
}

interface Program {
  /** Files that all cases import from; nothing is reported in them. */
  readonly shared?: Files
  readonly options?: { readonly allowSources?: readonly string[]; readonly allowIn?: readonly string[] }
  readonly settings?: Record<string, unknown>
  readonly valid: readonly Case[]
  readonly invalid: readonly Case[]
}

const entryOf = (code: string): string => (code.includes('/>') ? 'entry.tsx' : 'entry.ts')

/** A file that passes an id on to the shared ones, and what is reported of it. */
const leak = (source: string, way: string, code: string, others: Files = {}): Case => ({
  name: code.replaceAll(/[«»]/g, ''),
  files: { [entryOf(code)]: code, ...others },
  reports: [[source, way]],
})

const fine = (code: string, others: Files = {}): Case => ({
  name: code,
  files: { [entryOf(code)]: code, ...others },
  reports: [],
})

const plain = (code: string): string => code.replaceAll(/[«»]/g, '')

function markedIn(code: string): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = []
  let at = 0
  for (const character of code) {
    if (character === '«') found.push({ from: at, to: at })
    else if (character === '»') found.findLast(({ from, to }) => from === to)!.to = at
    else at++
  }
  return found
}

/** Puts all cases into one program, each in a folder of its own beside the shared files. */
function testProgram(title: string, { shared = {}, options, settings, valid, invalid }: Program): void {
  describe(title, () => {
    const cases = [...valid, ...invalid]
    let program: ts.Program
    const lint = (name: string, text: string): { text: string; message: string }[] =>
      lintFile(program, name, {
        rules: { [rule]: ['error', options ?? {}] },
        ...(settings && { settings }),
      }).map(({ message, fatal, line, column, endLine, endColumn }) => {
        if (fatal) throw new Error(message)
        const offset = (row: number, col: number): number =>
          text
            .split('\n')
            .slice(0, row - 1)
            .join('\n').length +
          (row > 1 ? 1 : 0) +
          col -
          1
        return { text: text.slice(offset(line, column), offset(endLine!, endColumn!)), message }
      })

    beforeAll(() => {
      const files: Record<string, string> = { ...shared }
      for (const [index, { files: own }] of cases.entries())
        for (const [name, code] of Object.entries(own)) files[`case-${index}/${name}`] = plain(code)
      program = programOf(files)
    }, 60_000)

    test('has no fewer valid cases than invalid ones', () => {
      expect(valid.length).toBeGreaterThanOrEqual(invalid.length)
    })

    test('nothing is reported where the ids arrive', () => {
      for (const [name, code] of Object.entries(shared)) expect(lint(name, code)).toEqual([])
    })

    test.each(cases.map((one, index) => [one.name, index] as const))('%s', (_, index) => {
      const { files, reports } = cases[index]!
      const marks = Object.values(files).flatMap((code) =>
        markedIn(code).map(({ from, to }) => plain(code).slice(from, to)),
      )
      expect(marks).toHaveLength(reports.length)
      const found = Object.entries(files).flatMap(([name, code]) =>
        lint(`case-${index}/${name}`, plain(code)),
      )
      expect(found).toEqual(
        reports.map(([source, way], at) => ({
          text: marks[at],
          message: `The user id comes from ${source}, which the sender of the request can choose: ${way}. Take it from the verified session or token instead, such as req.user.id.`,
        })),
      )
    })
  })
}

const memory = `import { MemoryClient } from 'mem0ai'

export const client = new MemoryClient({ apiKey: 'k' })

export const recall = (userId: string, query: string) => client.search(query, { filters: { user_id: userId } })

export const remember = ({ userId, text }: { userId: string; text: string }) =>
  client.add([{ role: 'user', content: text }], { userId })
`

const toRecall = 'recall(userId) → client.search'

/** Code around an id that comes from the request. */
const passes = (source: string, code: string): Case =>
  leak(source, `${source} → ${toRecall}`, `import { recall, remember } from '../memory'\n${code}`)

const keeps = (code: string): Case => fine(`import { recall, remember } from '../memory'\n${code}`)

testProgram('sources', {
  shared: { 'memory.ts': memory },
  valid: [
    keeps(`app.get('/', (req) => recall(req.user.id, req.query.q))`),
    keeps(`app.get('/', (req) => recall(req.session.userId, req.body.text))`),
    keeps(`app.get('/', (req, res) => recall(res.locals.user.id, req.params.q))`),
    keeps(
      `export async function POST(request: Request) { const { user } = await auth(); const { q } = await request.json(); return recall(user.id, q) }`,
    ),
    keeps(`app.get('/', (c) => recall(c.get('user').id, c.req.query('q')))`),
    keeps(`fastify.get('/', async (request) => recall(request.user.sub, request.query.q))`),
    keeps(`export default defineEventHandler((event) => recall(event.context.user.id, getQuery(event).q))`),
    keeps(
      `class C { @Get() find(@CurrentUser() user: User, @Query('q') q: string) { return recall(user.id, q) } }`,
    ),
    keeps(`export const list = procedure.query(({ ctx, input }) => recall(ctx.user.id, input.q))`),
    keeps(
      `export const forUser = (userId: string) => tool({ inputSchema, execute: async ({ q }) => recall(userId, q) })`,
    ),
    keeps(
      `export const f = tool({ inputSchema, execute: async ({ q }, { session }) => recall(session.userId, q) })`,
    ),
    keeps(
      `app.post('/', (req) => { const claims = jwt.verify(req.headers.authorization, secret); return recall(claims.sub, req.body.q) })`,
    ),
    keeps(
      `export async function save(form: FormData) { const { userId } = await auth(); return recall(userId, String(form.get('q'))) }`,
    ),
    keeps(`export const page = async ({ params }) => recall((await auth()).user.id, (await params).q)`),
  ],
  invalid: [
    passes('req.body.userId', `app.post('/', (req) => recall(«req.body.userId», req.body.q))`),
    passes('req.query.user', `app.get('/', (req) => recall(«String(req.query.user)», 'q'))`),
    passes('req.params.id', `app.get('/:id', (req) => recall(«req.params.id», 'q'))`),
    passes(`req.headers['x-user-id']`, `app.get('/', (req) => recall(«req.headers['x-user-id']», 'q'))`),
    passes(`req.get('x-user-id')`, `app.get('/', (req) => recall(«req.get('x-user-id')», 'q'))`),
    passes('req.cookies.uid', `app.get('/', (req) => recall(«req.cookies.uid», 'q'))`),
    passes(
      'request.json().userId',
      `export async function POST(request: Request) { const { userId } = await request.json(); return recall(«userId», 'q') }`,
    ),
    passes(`c.req.param('id')`, `app.get('/:id', (c) => recall(«c.req.param('id')», 'q'))`),
    passes(
      'readBody(event).userId',
      `export default defineEventHandler(async (event) => recall(«(await readBody(event)).userId», 'q'))`,
    ),
    passes(
      `@Body('userId')`,
      `class C { @Post() find(@Body('userId') userId: string) { return recall(«userId», 'q') } }`,
    ),
    passes(
      '@Body() body.userId',
      `class C { @Post() find(@Body() body: Dto) { return recall(«body.userId», 'q') } }`,
    ),
    passes('input.userId', `export const list = procedure.query(({ input }) => recall(«input.userId», 'q'))`),
    passes(
      'input.userId',
      `export const f = tool({ inputSchema, execute: async ({ userId, q }) => recall(«userId», q) })`,
    ),
    passes(
      `form.get('user')`,
      `export async function save(form: FormData) { return recall(«String(form.get('user'))», 'q') }`,
    ),
  ],
})

const service = `import { MemoryClient } from 'mem0ai'
import { client } from './memory'

export interface Store {
  find(userId: string, query: string): Promise<unknown>
}

export class MemoryService implements Store {
  private readonly client = new MemoryClient({ apiKey: 'k' })
  static shared() {
    return new MemoryService()
  }
  find(userId: string, query: string) {
    return this.client.search(query, { filters: { user_id: userId } })
  }
  search({ userId, query }: { userId: string; query: string }) {
    return this.client.search(query, { filters: { user_id: userId } })
  }
  private static all(userId: string) {
    return client.getAll({ filters: { user_id: userId } })
  }
}

export class UserMemory {
  #client = new MemoryClient({ apiKey: 'k' })
  constructor(private readonly userId: string) {}
  all() {
    return this.#client.getAll({ filters: { user_id: this.userId } })
  }
}

export class Assistant {
  userId = ''
  private client = new MemoryClient({ apiKey: 'k' })
  all() {
    return this.client.getAll({ filters: { user_id: this.userId } })
  }
}

export const memories = {
  list: (userId: string) => client.getAll({ filters: { user_id: userId } }),
}

export const storeFor = (userId: string) => ({
  search: (query: string) => client.search(query, { filters: { user_id: userId } }),
})

export default function list(userId: string) {
  return client.getAll({ filters: { user_id: userId } })
}

export function Memories({ userId }: { userId: string }) {
  void client.getAll({ filters: { user_id: userId } })
  return null
}

const first = (item: { owner: string }) => item.owner

export const ofBody = (body: { item: { owner: string } }) =>
  client.getAll({ filters: { user_id: first(body.item) } })
`

const barrel = `export { recall as find, remember } from './memory'
export * as notes from './memory'
export { MemoryService } from './service'
`

testProgram('hops', {
  shared: { 'memory.ts': memory, 'service.ts': service, 'index.ts': barrel },
  valid: [
    fine(`import { MemoryService } from '../service'
new Controller((req) => new MemoryService().find(req.user.id, req.body.q))`),
    fine(`import type { Store } from '../service'
export const route = (store: Store) => app.get('/', (req) => store.find(req.user.id, req.query.userId))`),
    fine(`import { MemoryService } from '../service'
class C { constructor(private service: MemoryService) {} @Post() f(@CurrentUser() user: User, @Body() body: Dto) { return this.service.search({ ...body, userId: user.id }) } }`),
    fine(`import { UserMemory } from '../service'
app.get('/', (req) => new UserMemory(req.user.id).all())`),
    fine(`import { memories } from '../service'
app.get('/', (req) => memories.list(req.session.userId))`),
    fine(`import { storeFor } from '../service'
app.get('/', (req) => storeFor(req.user.id).search(req.body.userId))`),
    fine(`import list from '../service'
app.get('/', (req) => list(req.auth.userId))`),
    fine(
      `app.get('/', async (req) => { const { recall } = await import('../memory'); return recall(req.user.id, req.query.userId) })`,
    ),
    fine(`import { find } from '..'
app.get('/', (req) => find(req.user.id, req.body.userId))`),
    fine(`import { ofBody } from '../service'
app.get('/', (req) => ofBody({ ...req.body, item: req.user.item }))`),
    // What types do not show
    fine(`import { MemoryService } from '../service'
const service: any = new MemoryService()
app.get('/', (req) => service.find(req.body.userId, 'q'))`),
    fine(`import { recall } from '../memory'
app.post('/', (req) => queue.add('recall', { userId: req.body.userId }))
queue.process('recall', (job) => recall(job.data.userId, 'q'))`),
    fine(`import { recall } from '../memory'
app.post('/', async (req) => { const row = await db.find(req.body.id); return recall(row.userId, 'q') })`),
    fine(`import { recall } from '../memory'
export const withUser = (userId: string) => recall(userId, 'q')`),
    fine(`import { recall } from '../memory'
app.get('/', (req) => { let userId = req.body.userId; userId = req.user.id; return recall(userId, 'q') })`),
    fine(`import { recall } from '../memory'
app.get('/', (req) => { req.body.userId = req.user.id; return recall(req.body.userId, 'q') })`),
  ],
  invalid: [
    leak(
      'req.body.userId',
      'req.body.userId → MemoryService.find(userId) → this.client.search',
      `import { MemoryService } from '../service'
app.get('/', (req) => new MemoryService().find(«req.body.userId», 'q'))`,
    ),
    leak(
      '@Body() body.userId',
      '@Body() body.userId → MemoryService.search({ userId }) → this.client.search',
      `import { MemoryService } from '..'
class C { constructor(private service: MemoryService) {} @Post() f(@Body() body: Dto) { return this.service.search({ userId: «body.userId», query: 'q' }) } }`,
    ),
    leak(
      'req.body.userId',
      'req.body.userId → MemoryService.find(userId) → this.client.search',
      `import type { Store } from '../service'
export const route = (store: Store) => app.get('/', (req) => store.find(«req.body.userId», 'q'))`,
    ),
    leak(
      'req.query.userId',
      'req.query.userId → new UserMemory(userId) → this.#client.getAll',
      `import { UserMemory } from '../service'
app.get('/', (req) => new UserMemory(«req.query.userId»).all())`,
    ),
    leak(
      'req.query.userId',
      'req.query.userId → Assistant.userId → this.client.getAll',
      `import { Assistant } from '../service'
const assistant = new Assistant()
app.get('/', (req) => { assistant.userId = «req.query.userId»; return assistant.all() })`,
    ),
    leak(
      'req.params.id',
      'req.params.id → list(userId) → client.getAll',
      `import { memories } from '../service'
app.get('/:id', (req) => memories.list(«req.params.id»))`,
    ),
    leak(
      'req.params.id',
      'req.params.id → storeFor(userId) → client.search',
      `import { storeFor } from '../service'
app.get('/:id', (req) => storeFor(«req.params.id»).search('q'))`,
    ),
    leak(
      'req.params.id',
      'req.params.id → list(userId) → client.getAll',
      `import list from '../service'
app.get('/:id', (req) => list(«req.params.id»))`,
    ),
    leak(
      'searchParams.user',
      'searchParams.user → Memories({ userId }) → client.getAll',
      `import { Memories } from '../service'
export default async function Page({ searchParams }: Props) { return <Memories userId=«{searchParams.user}» /> }`,
    ),
    leak(
      'req.body.userId',
      `req.body.userId → ${toRecall}`,
      `app.get('/', async (req) => { const { recall } = await import('../memory'); return recall(«req.body.userId», 'q') })`,
    ),
    leak(
      'req.body.userId',
      `req.body.userId → ${toRecall}`,
      `import { find as search } from '..'
app.get('/', (req) => search(«req.body.userId», 'q'))`,
    ),
    leak(
      'req.body.userId',
      `req.body.userId → ${toRecall}`,
      `import { notes } from '..'
app.get('/', (req) => notes.recall(«req.body.userId», 'q'))`,
    ),
    leak(
      'req.body.item.owner',
      'req.body.item.owner → ofBody({ item }) → client.getAll',
      `import { ofBody } from '../service'
app.get('/', (req) => ofBody(«req.body»))`,
    ),
    leak(
      'req.body.userId',
      `req.body.userId → again(id) → ${toRecall}`,
      `import { again } from './again'
app.get('/', (req) => again(«req.body.userId»))`,
      {
        'again.ts': `import { recall } from '../memory'
export const again = (id: string) => recall(id, 'q')`,
      },
    ),
    passes(
      'req.body.userId',
      `app.get('/', (req) => { let userId = req.user.id; if (req.body.as) userId = req.body.userId; return recall(«userId», 'q') })`,
    ),
    passes(
      'req.body.userId',
      `app.get('/', (req) => { req.body.userId ||= req.user.id; return recall(«req.body.userId», 'q') })`,
    ),
  ],
})

testProgram('helpers and objects', {
  shared: {
    'memory.ts': memory,
    'helpers.ts': `import { client } from './memory'
export const idOf = (holder: any) => holder.userId
export const optionsFor = (userId: string, more: any) => ({ ...more, userId })
export const loose = (userId: string, more: any) => ({ userId, ...more })
export const limits = (body: any) => ({ limit: Number(body.limit) })
export const note = (entry: { userId?: string; text: string }) =>
  client.add([{ role: 'user', content: entry.text }], { userId: entry.userId! })
`,
  },
  valid: [
    // A helper gives back what each call passes to it
    keeps(`import { idOf } from '../helpers'
app.get('/', (req) => { log(idOf(req.body)); return recall(idOf(req.session), 'q') })`),
    keeps(`const trimmed = (text: string) => text.trim()
app.get('/', (req) => recall(trimmed(req.user.id), trimmed(req.body.q)))`),
    // What is written last counts
    keeps(`app.post('/', (req) => remember({ ...req.body, userId: req.user.id }))`),
    keeps(`import { optionsFor } from '../helpers'
app.post('/', (req) => remember(optionsFor(req.user.id, req.body)))`),
    keeps(
      `app.post('/', (req) => { const entry = { ...req.body }; entry.userId = req.user.id; return remember(entry) })`,
    ),
    keeps(`app.post('/', (req) => remember(Object.assign({}, req.body, { userId: req.user.id })))`),
    // What is passed or spread cannot hold the id
    fine(`import { note } from '../helpers'
app.post('/', (req) => { const entry: { text: string } = req.body; return note(entry) })`),
    keeps(`import { limits } from '../helpers'
app.post('/', (req) => remember({ userId: req.user.id, text: 't', ...limits(req.body) }))`),
    keeps(
      `app.post('/', (req) => { const text: { text: string } = req.body; return remember({ userId: req.user.id, ...text }) })`,
    ),
    keeps(`app.post('/', (req) => ((args: [string, string]) => recall(...args))([req.user.id, req.body.q]))`),
  ],
  invalid: [
    passes(
      'req.body.userId',
      `import { idOf } from '../helpers'
app.get('/', (req) => { log(idOf(req.session)); return recall(«idOf(req.body)», 'q') })`,
    ),
    passes(
      'req.body.userId',
      `const trimmed = (text: string) => text.trim()
app.get('/', (req) => recall(«trimmed(req.body.userId)», trimmed(req.user.name)))`,
    ),
    leak(
      'req.body.userId',
      'req.body.userId → remember({ userId }) → client.add',
      `import { remember } from '../memory'
app.post('/', (req) => remember(«{ userId: req.user.id, ...req.body }»))`,
    ),
    leak(
      'req.body.userId',
      'req.body.userId → remember({ userId }) → client.add',
      `import { remember } from '../memory'
import { loose } from '../helpers'
app.post('/', (req) => remember(«loose(req.user.id, req.body)»))`,
    ),
    leak(
      'req.body.userId',
      'req.body.userId → remember({ userId }) → client.add',
      `import { remember } from '../memory'
app.post('/', (req) => { const entry = { text: 't', userId: '' }; entry.userId = req.body.userId; return remember(«entry») })`,
    ),
  ],
})

const guards = `
export function assertSelf(id: string, user: any) { if (id !== user.id) throw new Error('forbidden') }
export const isSelf = (id: string, user: any) => id === user.id
export const exists = async (id: string) => (await db.find(id)) !== null
export function ownUser(req: any, res: any, next: any) {
  if (req.params.userId !== req.user.id) return res.sendStatus(403)
  next()
}
export function signedIn(req: any, res: any, next: any) {
  if (!req.user) return res.sendStatus(401)
  next()
}
export function stamp(req: any, res: any, next: any) {
  req.body.userId = req.user.id
  next()
}
export class OwnUserGuard { canActivate(context: any) { const request = context.switchToHttp().getRequest(); return request.params.userId === request.user.id } }
export class SignedInGuard { canActivate(context: any) { return Boolean(context.switchToHttp().getRequest().user) } }
`
const guarded = (code: string): Case =>
  keeps(
    `import { assertSelf, isSelf, exists, ownUser, signedIn, stamp, OwnUserGuard, SignedInGuard } from '../guards'\n${code}`,
  )
const unguarded = (source: string, code: string): Case =>
  passes(
    source,
    `import { assertSelf, isSelf, exists, ownUser, signedIn, stamp, OwnUserGuard, SignedInGuard } from '../guards'\n${code}`,
  )

testProgram('guards', {
  shared: { 'memory.ts': memory, 'guards.ts': guards },
  valid: [
    guarded(
      `app.get('/:id', (req, res) => { if (req.params.id !== req.user.id) return res.sendStatus(403); return recall(req.params.id, 'q') })`,
    ),
    guarded(
      `app.get('/:id', (req) => req.params.id === req.user.id ? recall(req.params.id, 'q') : undefined)`,
    ),
    guarded(
      `app.get('/:id', (req) => { assertSelf(req.params.id, req.user); return recall(req.params.id, 'q') })`,
    ),
    guarded(
      `app.get('/:id', (req) => { if (!isSelf(req.params.id, req.user)) throw new Error(); return recall(req.params.id, 'q') })`,
    ),
    guarded(
      `app.get('/:id', (req) => { if (req.query.all) { if (req.params.id !== req.user.id) throw new Error() } else { assertSelf(req.params.id, req.user) } return recall(req.params.id, 'q') })`,
    ),
    guarded(
      `app.post('/', (req) => { const own = createHmac('sha256', key).update(req.rawBody).digest('hex'); if (own !== req.headers['x-signature']) throw new Error(); return recall(req.body.userId, 'q') })`,
    ),
    guarded(`app.get('/:userId', ownUser, (req) => recall(req.params.userId, 'q'))`),
    guarded(
      `const router = Router(); router.use(ownUser); router.get('/:userId', (req) => recall(req.params.userId, 'q'))`,
    ),
    guarded(`app.post('/', stamp, (req) => recall(req.body.userId, 'q'))`),
    guarded(
      `fastify.get('/:userId', { preHandler: ownUser }, async (request) => recall(request.params.userId, 'q'))`,
    ),
    guarded(
      `const find = (req: any) => recall(req.params.userId, 'q'); app.get('/a/:userId', ownUser, find); app.get('/b/:userId', ownUser, find)`,
    ),
    guarded(
      `@Controller() class C { @Get() @UseGuards(OwnUserGuard) find(@Param('userId') userId: string) { return recall(userId, 'q') } }`,
    ),
    guarded(
      `@Controller() @UseGuards(SignedInGuard, OwnUserGuard) class C { @Get() find(@Param('userId') userId: string) { return recall(userId, 'q') } }`,
    ),
    guarded(
      `const own = t.procedure.use(({ ctx, input, next }) => { if (input.userId !== ctx.user.id) throw new Error(); return next() }); export const list = own.query(({ input }) => recall(input.userId, 'q'))`,
    ),
  ],
  invalid: [
    unguarded(
      'req.params.id',
      `app.get('/:id', async (req, res) => { if (!(await exists(req.params.id))) return res.sendStatus(404); return recall(«req.params.id», 'q') })`,
    ),
    unguarded(
      'req.params.id',
      `app.get('/:id', (req, res) => { if (req.params.id !== req.user.id) log('other'); return recall(«req.params.id», 'q') })`,
    ),
    unguarded(
      'req.params.id',
      `app.get('/:id', (req, res) => { const found = recall(«req.params.id», 'q'); if (req.params.id !== req.user.id) return res.sendStatus(403); return found })`,
    ),
    unguarded(
      'req.params.id',
      `app.get('/:id', (req) => { if (req.query.strict) { assertSelf(req.params.id, req.user) } return recall(«req.params.id», 'q') })`,
    ),
    unguarded(
      'req.body.userId',
      `app.post('/', (req) => { let id = req.user.id; assertSelf(id, req.user); id = req.body.userId; return recall(«id», 'q') })`,
    ),
    unguarded(
      'req.params.userId',
      `app.get('/:userId', signedIn, (req) => recall(«req.params.userId», 'q'))`,
    ),
    unguarded('req.query.userId', `app.get('/:userId', ownUser, (req) => recall(«req.query.userId», 'q'))`),
    unguarded(
      'req.params.userId',
      `const router = Router(); router.get('/:userId', (req) => recall(«req.params.userId», 'q')); router.use(ownUser)`,
    ),
    unguarded(
      'req.params.userId',
      `const find = (req: any) => recall(«req.params.userId», 'q'); app.get('/a/:userId', ownUser, find); app.get('/b/:userId', find)`,
    ),
    unguarded(
      `@Param('userId')`,
      `@Controller() class C { @Get() @UseGuards(SignedInGuard) find(@Param('userId') userId: string) { return recall(«userId», 'q') } }`,
    ),
    unguarded(
      'input.userId',
      `const own = t.procedure.use(({ ctx, next }) => { if (!ctx.user) throw new Error(); return next() }); export const list = own.query(({ input }) => recall(«input.userId», 'q'))`,
    ),
  ],
})

const globalGuards = (registration: string): Pick<Program, 'shared'> => ({
  shared: {
    'memory.ts': memory,
    'guards.ts': guards,
    'module.ts': `import { OwnUserGuard } from './guards'\n${registration}`,
  },
})

for (const [registration, from] of [
  [
    `@Module({ providers: [{ provide: APP_GUARD, useClass: OwnUserGuard }] }) export class AppModule {}`,
    'APP_GUARD',
  ],
  [
    `const app = await NestFactory.create(AppModule); app.useGlobalGuards(new OwnUserGuard())`,
    'useGlobalGuards',
  ],
  [
    `export class AppModule { configure(consumer: any) { consumer.apply(Own).forRoutes('*') } }
class Own { use(req: any, res: any, next: any) { if (req.params.userId !== req.user.id) throw new Error(); next() } }`,
    'forRoutes',
  ],
] as const)
  testProgram(`a guard from ${from}`, {
    ...globalGuards(registration),
    valid: [
      keeps(
        `@Controller() class C { @Get() find(@Param('userId') userId: string) { return recall(userId, 'q') } }`,
      ),
      keeps(
        `@Controller() class C { @Get() find(@CurrentUser() user: User, @Body('q') q: string) { return recall(user.id, q) } }`,
      ),
    ],
    invalid: [
      passes(
        `@Body('userId')`,
        `@Controller() class C { @Get() find(@Body('userId') userId: string) { return recall(«userId», 'q') } }`,
      ),
      passes('req.params.userId', `app.get('/:userId', (req) => recall(«req.params.userId», 'q'))`),
    ],
  })

testProgram('allowSources', {
  shared: { 'memory.ts': memory },
  options: { allowSources: [`headers['x-verified-user']`, 'req.body.act'] },
  valid: [
    keeps(`app.get('/', (req) => recall(req.headers['x-verified-user'], 'q'))`),
    keeps(`app.get('/', (req) => recall(req.body.act.as, 'q'))`),
  ],
  invalid: [
    passes(`req.headers['x-user']`, `app.get('/', (req) => recall(«req.headers['x-user']», 'q'))`),
    passes('req.body.userId', `app.get('/', (req) => recall(«req.body.userId», 'q'))`),
  ],
})

testProgram('allowIn', {
  shared: { 'memory.ts': memory },
  options: { allowIn: ['**/admin/**'] },
  valid: [
    {
      name: 'the file that passes the id on',
      files: {
        'admin/support.ts': `import { recall } from '../../memory'\napp.get('/', (req) => recall(req.body.userId, 'q'))`,
      },
      reports: [],
    },
  ],
  invalid: [passes('req.body.userId', `app.get('/', (req) => recall(«req.body.userId», 'q'))`)],
})

const pinecone = `import { Pinecone } from '@pinecone-database/pinecone'
const notes = new Pinecone({ apiKey: 'k' }).index('notes')
export const near = (tenant: string, vector: number[]) => notes.namespace(tenant).query({ vector, topK: 3 })
`
const near = `import { near } from '../vectors'\n`

testProgram('clients from the settings', {
  shared: { 'vectors.ts': pinecone },
  settings: { 'scoped-memory': { clients: ['pinecone'] } },
  valid: [fine(`${near}app.post('/', (req) => near(req.user.id, req.body.vector))`)],
  invalid: [
    leak(
      'req.body.tenant',
      'req.body.tenant → near(tenant) → notes.namespace(tenant).query',
      `${near}app.post('/', (req) => near(«req.body.tenant», req.body.vector))`,
    ),
  ],
})

testProgram('clients that no setting names', {
  shared: { 'vectors.ts': pinecone },
  valid: [fine(`${near}app.post('/', (req) => near(req.body.tenant, req.body.vector))`)],
  invalid: [],
})

const handles = {
  'handles.ts': `import { createMemoryFactory, ScopedMemory } from '@scoped-memory/core'
export const memoryFor = createMemoryFactory({ client })
export const openFor = (id: string) => new ScopedMemory(id, { client })
`,
  'user-of.ts': `export const userOf = (req: any) => req.headers['x-user']
export const signedIn = (req: any) => req.user.id
`,
  'types.d.ts': `declare module '@scoped-memory/core' {
  export class ScopedMemory { constructor(userId: string, options: object); getAll(): Promise<unknown> }
  export function createMemoryFactory(options: object): (userId: string) => ScopedMemory
}
declare module '@scoped-memory/middleware/express' { export function scopedMemory(options: { userId: (req: any) => string }): any }
declare const client: any, app: any, db: any, t: any
`,
}

testProgram('handles', {
  shared: handles,
  valid: [
    fine(`import { memoryFor } from '../handles'
app.get('/', (req: any) => memoryFor(req.user.id).getAll())`),
    fine(`import { openFor } from '../handles'
app.get('/', (req: any) => openFor(req.session.userId).getAll())`),
    fine(`import { scopedMemory } from '@scoped-memory/middleware/express'
import { signedIn } from '../user-of'
app.use(scopedMemory({ userId: signedIn }))`),
  ],
  invalid: [
    leak(
      'req.body.userId',
      'req.body.userId → memoryFor',
      `import { memoryFor } from '../handles'
app.get('/', (req: any) => memoryFor(«req.body.userId»).getAll())`,
    ),
    leak(
      'req.body.userId',
      'req.body.userId → openFor(id) → ScopedMemory',
      `import { openFor } from '../handles'
app.get('/', (req: any) => openFor(«req.body.userId»).getAll())`,
    ),
  ],
})

test('an id of a resolver in another file is reported where it is read', () => {
  const program = programOf({
    ...handles,
    'app.ts': `import { scopedMemory } from '@scoped-memory/middleware/express'
import { userOf } from './user-of'
app.use(scopedMemory({ userId: userOf }))`,
  })
  const lint = (name: string): unknown[] =>
    lintFile(program, name, { rules: { [rule]: 'error' } }).map(({ messageId, message, line, column }) => [
      messageId,
      /: (.*?)\. Take/.exec(message)?.[1],
      line,
      column,
    ])
  expect(lint('app.ts')).toEqual([])
  expect(lint('user-of.ts')).toEqual([['untrusted', `req.headers['x-user'] → scopedMemory`, 1, 37]])
})

describe('beside no-untrusted-user-id', () => {
  const handler = (middleware: string): string => `import { client } from './memory'
import { ${middleware} } from './guards'
app.get('/:userId', ${middleware}, (req) => client.getAll({ filters: { user_id: req.params.userId } }))`
  const lint = (middleware: string): (string | null)[] =>
    lintFile(
      programOf({
        'memory.ts': memory,
        'guards.ts': guards,
        'routes.ts': `import 'mem0ai'\n${handler(middleware)}`,
      }),
      'routes.ts',
      { rules: { [rule]: 'error', 'scoped-memory/no-untrusted-user-id': 'error' } },
    ).map(({ ruleId }) => ruleId)

  test('neither reports an id that a middleware of another file compares', () => {
    expect(lint('ownUser')).toEqual([])
  })

  test('one reports it where the middleware only looks whether somebody is signed in', () => {
    expect(lint('signedIn')).toHaveLength(1)
  })
})

test('only files from which a call can be reached are parsed', () => {
  const parsed: string[] = []
  const recording = {
    ...parser,
    parseForESLint(text: string, options: { filePath?: string } = {}) {
      parsed.push(basename(options.filePath ?? ''))
      return parser.parseForESLint(text, options)
    },
  }
  const program = programOf({
    'memory.ts': memory,
    'routes.ts': `import { recall } from './memory'\napp.get('/', (req) => recall(req.body.userId, 'q'))`,
    'toys.ts': `const recall = (userId: string) => userId\nexport const all = [recall('a')]`,
  })
  expect(lintFile(program, 'routes.ts', { rules: { [rule]: 'error' }, parser: recording })).toHaveLength(1)
  expect([...new Set(parsed)].sort()).toEqual(['memory.ts', 'routes.ts'])
})

test('says how to set up types where there are none', () => {
  const lint = (): unknown =>
    new Linter().verify('client.get(1)', [
      { plugins: { 'scoped-memory': plugin }, rules: { [rule]: 'error' } },
    ])
  expect(lint).toThrow(/no-untrusted-user-id-typed needs type information.*projectService: true/s)
})
