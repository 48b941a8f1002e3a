/** What code means by a name that it gives to a request, or to the object a framework wraps one in. */
type RequestRole =
  /** Has parts that the sender wrote: `req.body`, `ctx.query`. */
  | 'input'
  /** Is the request itself, whose methods read what the sender wrote: `request.json()`. */
  | 'request'
  /** Is never missing, so a test of it says nothing about a user. */
  | 'present'
  /** Is where login libraries leave who is signed in: `req.user`. */
  | 'login'
  /** Is where the middleware leaves a scoped handle: `req.memory`. */
  | 'memory'
  /** Is what handlers of Express and Fastify, of Koa, and of Hono call their parameter. */
  | 'express'
  | 'koa'
  | 'hono'

const roles: ReadonlyMap<string, readonly RequestRole[]> = new Map<string, readonly RequestRole[]>([
  ['req', ['input', 'request', 'present', 'login', 'memory', 'express']],
  ['request', ['input', 'request', 'present', 'login', 'memory', 'express']],
  ['_req', ['input', 'request', 'memory']],
  ['_request', ['input', 'request']],
  ['ctx', ['input', 'present', 'login', 'memory', 'koa', 'hono']],
  ['context', ['input', 'present', 'login', 'memory', 'koa', 'hono']],
  ['c', ['present', 'memory', 'hono']],
  ['event', ['input', 'present']],
  ['socket', ['input', 'memory']],
  ['handshake', ['input']],
])

/** Whether a name stands for a request in a role. */
export const isRequestName = (name: string, role: RequestRole): boolean =>
  roles.get(name)?.includes(role) === true

/** The names that stand for a request in a role. */
export const requestNames = (role: RequestRole): readonly string[] =>
  [...roles].flatMap(([name, known]) => (known.includes(role) ? [name] : []))
