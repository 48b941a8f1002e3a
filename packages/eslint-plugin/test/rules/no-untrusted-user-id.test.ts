import { type InvalidCase, invalid, testRule } from '../rule-tester.ts'

const scoped = `import { createMemoryFactory, ScopedMemory } from '@scoped-memory/core'\nconst memoryFor = createMemoryFactory({ client })\n`
const client = `import { MemoryClient } from 'mem0ai'\nconst client = new MemoryClient({ apiKey })\n`

/** An id given to a scoped handle, with the place it comes from. */
const from = (source: string, code: string): InvalidCase =>
  invalid(`${scoped}${code}`, { messageId: 'untrusted', data: { source } })

testRule('no-untrusted-user-id', {
  valid: [
    // What a session or a verified token says
    `${scoped}app.get('/', (req, res) => memoryFor(req.user.id))`,
    `${scoped}app.get('/', (req, res) => memoryFor(req.auth.payload.sub))`,
    `${scoped}app.get('/', (req, res) => memoryFor(req.session.userId))`,
    `${scoped}app.get('/', (req, res) => memoryFor(res.locals.user.id))`,
    `${scoped}router.get('/', async (ctx) => memoryFor(ctx.state.user.sub))`,
    `${scoped}app.get('/', (c) => memoryFor(c.get('user').id))`,
    `${scoped}app.get('/', (c) => memoryFor(c.var.user.id))`,
    `${scoped}app.get('/', (c) => memoryFor(c.get('jwtPayload').sub))`,
    `${scoped}import { getAuth } from '@clerk/express'; app.get('/', (req) => { const { userId } = getAuth(req); return memoryFor(userId) })`,
    `${scoped}import { auth } from '@clerk/nextjs/server'; async function GET() { const { userId } = await auth(); return memoryFor(userId) }`,
    `${scoped}async function GET() { const session = await getServerSession(authOptions); return memoryFor(session.user.id) }`,
    `${scoped}async function GET(request) { const session = await auth.api.getSession({ headers: request.headers }); return memoryFor(session.user.id) }`,
    `${scoped}app.get('/', (req) => { const claims = jwt.verify(req.headers.authorization, secret); return memoryFor(claims.sub) })`,
    `${scoped}app.get('/', async (req) => { const { payload } = await jwtVerify(req.cookies.token, key); return memoryFor(payload.sub) })`,
    `${scoped}export const handler = (event) => memoryFor(event.requestContext.authorizer.claims.sub)`,
    `${scoped}export const list = procedure.query(({ ctx }) => memoryFor(ctx.session.user.id))`,
    `${scoped}const userOf = (req) => req.user.id; app.get('/', (req) => memoryFor(userOf(req)))`,
    `${scoped}socket.on('message', () => memoryFor(socket.data.userId))`,
    // A path that is compared with who is asking
    `${scoped}app.get('/:userId', (req, res) => { if (req.params.userId !== req.user.id) return res.sendStatus(403); memoryFor(req.params.userId) })`,
    `${scoped}app.get('/:userId', (req, res) => { const { userId } = req.params; if (userId !== req.user.id) return res.sendStatus(403); memoryFor(userId) })`,
    // The request may well say what to remember
    `${client}app.post('/', (req) => client.add(req.body.messages, { userId: req.user.id }))`,
    `${client}app.get('/', (req) => client.search(req.query.q, { filters: { user_id: req.user.id, run_id: req.query.run } }))`,
    `${client}export const recall = (userId) => tool({ inputSchema, execute: async ({ query }) => client.search(query, { filters: { user_id: userId } }) })`,
    `${client}const recall = createTool({ inputSchema, execute: async ({ query, runtimeContext }) => client.search(query, { filters: { user_id: runtimeContext.get('userId') } }) })`,
    `import { scopedMemory } from '@scoped-memory/middleware/express'; app.use(scopedMemory({ userId: (req) => req.user?.id }))`,
    `import { scopedMemory } from '@scoped-memory/middleware/fastify'; app.register(scopedMemory, { userId: (request) => request.user.sub })`,
    // Where a request is read for something else
    `${scoped}app.post('/', (req) => memoryFor(req.user.id).add(req.body.messages))`,
    `${scoped}app.get('/', (req) => memoryFor(req.user.id).search(String(req.query.q)))`,
    `${scoped}app.delete('/:id', (req) => memoryFor(req.user.id).delete(req.params.id))`,
    `${scoped}export async function POST(req) { const { messages } = await req.json(); const { user } = await auth(); return memoryFor(user.id).add(messages) }`,
    `${scoped}export async function GET(request, { params }) { const { userId } = await verify(request); return memoryFor(userId).get((await params).id) }`,
    `${scoped}export async function save(formData) { const { userId } = await auth(); memoryFor(userId).add(formData.get('text')) }`,
    `${scoped}fastify.get('/:id', async (request) => memoryFor(request.user.sub).get(request.params.id))`,
    `${scoped}class C { @Get() list(@CurrentUser() user: User, @Query('q') q: string) { return memoryFor(user.id).search(q) } }`,
    `${scoped}export default defineEventHandler((event) => memoryFor(event.context.user.id).search(getQuery(event).q))`,
    `${scoped}export const list = procedure.query(({ input, ctx }) => memoryFor(ctx.user.id).search(input.q))`,
    `${scoped}io.on('connection', (socket) => memoryFor(socket.request.session.userId))`,
    `${scoped}chats.map((c) => memoryFor(c.params.owner)); rows.map((r) => memoryFor(r.body.owner))`,
    // Not an id of ours
    `${scoped}search(req.body.userId); new Session(req.query.userId)`,
    `app.get('/', (req) => memoryFor(req.query.userId))`,
    `import { MemoryClient } from '@acme/memory'; new MemoryClient().add(messages, { userId: req.body.userId })`,
    // Parameters of functions that nobody in the file calls with a request
    `${scoped}export const open = (userId) => memoryFor(userId)`,
    `${scoped}export const open = ({ userId }) => memoryFor(userId)`,
    `${client}export async function search({ query, userId }) { return client.search(query, { filters: { user_id: userId } }) }`,
    // Options
    {
      code: `${scoped}app.get('/', (req) => memoryFor(req.headers['x-verified-user']))`,
      options: [{ allowSources: ["req.headers['x-verified-user']"] }],
    },
    {
      code: `${scoped}app.get('/', (req) => memoryFor(req.query.user))`,
      options: [{ allowIn: ['src/admin/**'] }],
      filename: 'src/admin/impersonate.ts',
    },
  ],
  invalid: [
    // Express
    from('req.body.userId', `app.post('/', (req) => memoryFor(«req.body.userId»))`),
    from('req.query.userId', `app.get('/', (req) => new ScopedMemory(«req.query.userId as string»))`),
    from('req.params.id', `app.get('/:id', (req) => memoryFor(«req.params.id»))`),
    from("req.headers['x-user-id']", `app.get('/', (req) => memoryFor(«req.headers['x-user-id']»))`),
    from('req.cookies.user', `app.get('/', (req) => memoryFor(«req.cookies.user»))`),
    from("req.get('x-user-id')", `app.get('/', (req) => memoryFor(«req.get('x-user-id')»))`),
    from('req.body.userId', `app.post('/', (req) => { const { userId } = req.body; memoryFor(«userId») })`),
    from(
      'req.body.user.id',
      `app.post('/', (req) => { const { body: { user: { id } } } = req; memoryFor(«id») })`,
    ),
    from('req.query.u', `app.get('/', (req) => memoryFor(«req.user?.id ?? req.query.u»))`),
    from('req.query.u', 'app.get("/", (req) => memoryFor(«`user-${req.query.u}`»))'),
    from('req.query.u', `app.get('/', (req) => memoryFor(«String(req.query.u)»))`),
    from(
      'req.body.id',
      `app.post('/', (req) => { let id; if (req.body) id = req.body.id; memoryFor(«id») })`,
    ),
    from(
      "req.headers['x-user']",
      `const userOf = (req) => req.headers['x-user']; app.get('/', (req) => memoryFor(«userOf(req)»))`,
    ),
    from('req.body.id', `const open = (id) => memoryFor(«id»); app.post('/', (req) => open(req.body.id))`),
    from(
      'data.userId',
      `app.post('/', (req) => { const data = schema.parse(req.body); memoryFor(«data.userId») })`,
    ),
    from(
      'decoded.sub',
      `app.get('/', (req) => { const decoded = jwt.decode(req.headers.authorization); memoryFor(«decoded.sub») })`,
    ),
    // Web standard, Next
    from(
      '(await req.json()).userId',
      `export async function POST(req) { memoryFor(«(await req.json()).userId») }`,
    ),
    from(
      'req.json().userId',
      `export async function POST(req) { const { userId } = await req.json(); memoryFor(«userId») }`,
    ),
    from(
      "request.nextUrl.searchParams.get('u')",
      `export const GET = (request) => memoryFor(«request.nextUrl.searchParams.get('u')»)`,
    ),
    from(
      "new URL(request.url).searchParams.get('u')",
      `export const GET = (request) => memoryFor(«new URL(request.url).searchParams.get('u')»)`,
    ),
    from(
      "formData.get('userId')",
      `export async function save(formData) { memoryFor(«formData.get('userId')») }`,
    ),
    from(
      '(await params).userId',
      `export async function GET(request, { params }) { memoryFor(«(await params).userId») }`,
    ),
    from(
      "(await cookies()).get('user')?.value".replaceAll('?.', '.'),
      `import { cookies } from 'next/headers'; export async function GET() { memoryFor(«(await cookies()).get('user')?.value») }`,
    ),
    // Koa, Hono, Fastify, Nest, Lambda, h3
    from('ctx.query.user', `router.get('/', (ctx) => memoryFor(«ctx.query.user»))`),
    from('ctx.request.body.user', `router.post('/', (ctx) => memoryFor(«ctx.request.body.user»))`),
    from("c.req.query('user')", `app.get('/', (c) => memoryFor(«c.req.query('user')»))`),
    from("c.req.param('id')", `app.get('/:id', (c) => memoryFor(«c.req.param('id')»))`),
    from('request.params.id', `fastify.get('/:id', async (request) => memoryFor(«request.params.id»))`),
    from(
      "@Query('user')",
      `class C { @Get() list(@Query('user') user: string) { return memoryFor(«user») } }`,
    ),
    from('body.userId', `class C { @Post() add(@Body() body: Dto) { return memoryFor(«body.userId») } }`),
    from(
      'event.queryStringParameters.user',
      `export const handler = (event) => memoryFor(«event.queryStringParameters.user»)`,
    ),
    from(
      'getQuery(event).user',
      `export default defineEventHandler((event) => memoryFor(«getQuery(event).user»))`,
    ),
    from('input.userId', `export const list = procedure.query(({ input }) => memoryFor(«input.userId»))`),
    from(
      'socket.handshake.query.user',
      `io.on('connection', (socket) => memoryFor(«socket.handshake.query.user»))`,
    ),
    // What a model writes
    from('{ userId }', `tool({ inputSchema, execute: async ({ userId }) => memoryFor(«userId») })`),
    from('args.userId', `server.tool('recall', schema, async (args) => memoryFor(«args.userId»))`),
    from('toolCall.args.userId', `const run = (toolCall) => memoryFor(«toolCall.args.userId»)`),
    from(
      'args.user',
      `const run = (call) => { const args = JSON.parse(call.function.arguments); memoryFor(«args.user») }`,
    ),
    // Where an id is given
    invalid(`${client}app.post('/', (req) => client.add(messages, { userId: «req.body.userId» }))`, {
      messageId: 'untrusted',
      data: { source: 'req.body.userId' },
    }),
    invalid(
      `${client}app.get('/', (req) => client.search('q', { filters: { AND: [{ user_id: «req.query.u» }] } }))`,
      {
        messageId: 'untrusted',
        data: { source: 'req.query.u' },
      },
    ),
    invalid(
      `import { scopedMemory } from '@scoped-memory/middleware/express'; app.use(scopedMemory({ userId: (req) => «req.headers['x-user']» }))`,
      { messageId: 'untrusted', data: { source: "req.headers['x-user']" } },
    ),
    invalid(
      `import { scopedMemory } from '@scoped-memory/middleware/koa'; app.use(scopedMemory({ userId(ctx) { return «ctx.query.user» } }))`,
      { messageId: 'untrusted', data: { source: 'ctx.query.user' } },
    ),
  ],
})
