import { MemoryMiddlewareError } from './errors.ts'
import { webHeaders } from './http/headers.ts'
import type { ResolvedUserId } from './resolver.ts'

/**
 * A `userId` option of any adapter. It reads what a login left on the request after verifying it: only what that object
 * has itself, not what it inherits, so that a polluted prototype names nobody. What is no string is handed on as it is,
 * and refused by the middleware.
 */
export type IdentityResolver = (request: object) => ResolvedUserId

/**
 * The user of Passport: `req.user.id`, or `ctx.state.user.id` with koa-passport.
 *
 * Without a user there it is nobody: Passport leaves nothing for an anonymous visitor that another login would not.
 *
 * @param property the property that holds the id; it must never change and never be given to another user
 * @throws MemoryMiddlewareError `LOGIN_NOT_MOUNTED`, per request, on a web-standard `Request` without it: Passport does
 *   not run on those
 */
export function fromPassport(property = 'id'): IdentityResolver {
  return (request) => {
    refuseBareRequest(request, 'fromPassport()')
    return own(userOf(request), property)
  }
}

/**
 * The subject of the token that express-oauth2-jwt-bearer (Auth0) verified: `req.auth.payload.sub`.
 *
 * Without a token there it is nobody, which is what `authRequired: false` leaves.
 *
 * @throws MemoryMiddlewareError `LOGIN_NOT_MOUNTED`, per request, on a web-standard `Request` without it: the package is
 *   for Express
 */
export function fromAuth0(): IdentityResolver {
  return (request) => {
    refuseBareRequest(request, 'fromAuth0()')
    return own(own(held(request, 'auth'), 'payload'), 'sub')
  }
}

/**
 * The user of a session that Clerk verified, with `@clerk/express`, `@clerk/fastify` or `@clerk/hono`. Machine tokens
 * and API keys sign in nobody.
 *
 * On Next.js nothing of Clerk is on the request. There write, with `auth` of `@clerk/nextjs/server`:
 * `userId: async () => (await auth()).userId`.
 *
 * @throws MemoryMiddlewareError `LOGIN_NOT_MOUNTED`, per request, where there is nothing of Clerk on it, which Clerk
 *   leaves for anonymous visitors, too
 */
export function fromClerk(): IdentityResolver {
  return (request) => {
    const left = held(request, 'auth') ?? own(variablesOf(request), 'clerkAuth')
    if (left === undefined || left === null) {
      throw notMounted(
        'fromClerk() found nothing of Clerk on this request.',
        "On Next.js write userId: async () => (await auth()).userId, with auth from '@clerk/nextjs/server'. Elsewhere mount Clerk " +
          "before scopedMemory(): app.use(clerkMiddleware()) from '@clerk/express' or '@clerk/hono', " +
          "app.register(clerkPlugin) from '@clerk/fastify'.",
      )
    }
    const auth: unknown = typeof left === 'function' ? left.call(request) : left
    const kind: unknown = own(auth, 'tokenType')
    return kind === undefined || kind === 'session_token' ? own(auth, 'userId') : undefined
  }
}

/**
 * An id that the app put into the session when the user logged in: `req.session[key]`, `ctx.session[key]`. For
 * express-session, cookie-session, koa-session, @fastify/session; by `session.get(key)` for @fastify/secure-session.
 *
 * @throws MemoryMiddlewareError `LOGIN_NOT_MOUNTED`, per request, where there is no session at all, which these leave for
 *   anonymous visitors, too, unless their store cannot be reached or they cover another part of the app, by the path of
 *   the cookie or of the mount: mount `scopedMemory()` on that part
 */
export function fromSession(key: string): IdentityResolver {
  return (request) => {
    // express-session takes the session away when it is destroyed, and leaves its store.
    if (!holds(request, 'session') && !holds(request, 'sessionStore')) {
      throw notMounted(
        'fromSession() found no session on this request: none is mounted, its store cannot be reached, or it covers another part of the app.',
        'Before scopedMemory() write: app.use(session({ … })), or app.register(fastifySession, { … }) on Fastify. Mount scopedMemory() on the paths that the session covers. Where sessions are kept otherwise, read them: userId: async (request) => (await sessionOf(request))?.userId.',
      )
    }
    const session = held(request, 'session')
    return own(session, key) ?? kept(session, key)
  }
}

/**
 * A claim of the token that a JWT plugin verified: @fastify/jwt (`request.user`), hono/jwt (`jwtPayload`), koa-jwt
 * (`ctx.state.user`), express-jwt (`req.auth`).
 *
 * Without a token there it is nobody, which is what those leave that let a request without one pass.
 *
 * @param claim default `sub`, the subject: issuers never give it to another user
 * @throws MemoryMiddlewareError `LOGIN_NOT_MOUNTED`, per request, on a web-standard `Request` without it: none of those
 *   runs on one
 */
export function fromJwt(claim = 'sub'): IdentityResolver {
  return (request) => {
    refuseBareRequest(request, 'fromJwt()')
    return own(own(variablesOf(request), 'jwtPayload') ?? userOf(request) ?? held(request, 'auth'), claim)
  }
}

/** What {@link fromBetterAuth} calls of better-auth. */
export interface BetterAuth {
  readonly api: {
    getSession(context: { headers: Headers }): Promise<{ user: { id: string } } | null>
  }
}

/** The user of a session that better-auth verifies, from the headers of the request. */
export function fromBetterAuth(auth: BetterAuth): (request: object) => Promise<ResolvedUserId> {
  return async (request) => own(own(await auth.api.getSession({ headers: headersOf(request) }), 'user'), 'id')
}

// Middleware of servers leaves its user on a request of Node or on a context. A web-standard one reaches nothing of it.
function refuseBareRequest(request: object, resolver: string): void {
  const { clone, headers } = request as Partial<Request>
  if (typeof clone !== 'function' || typeof headers?.get !== 'function') return
  if (holds(request, 'user') || holds(request, 'auth')) return
  throw notMounted(
    `${resolver} found nothing of a login on this web-standard Request, where no middleware of a server puts it.`,
    'Read what your login verified: userId: async (request) => (await sessionOf(request))?.userId.',
  )
}

function notMounted(found: string, line: string): MemoryMiddlewareError {
  return new MemoryMiddlewareError(`${found} ${line}`, 'LOGIN_NOT_MOUNTED')
}

function userOf(request: object): unknown {
  return held(request, 'user') ?? own(held(request, 'state'), 'user')
}

function variablesOf(request: object): unknown {
  return held(request, 'var')
}

function headersOf(request: object): Headers {
  // Hono keeps the request that came in below its own.
  const incoming = own(held(request, 'req'), 'raw') ?? request
  return webHeaders(held(incoming as object, 'headers') as Headers)
}

function held(request: object, name: string): unknown {
  return holds(request, name) ? (request as Record<string, unknown>)[name] : undefined
}

// A framework may keep it behind a getter of its request's prototype; what every object has, no login put there.
function holds(request: object, name: string): boolean {
  for (
    let at: object | null = request;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object
  ) {
    if (Object.hasOwn(at, name)) return true
  }
  return false
}

// @fastify/secure-session shows what it keeps by this method alone, which reads what an object inherits, too.
function kept(session: unknown, key: string): string | undefined {
  const { get } = (session ?? {}) as { get?: unknown }
  return typeof get === 'function' && !(key in Object.prototype)
    ? (get.call(session, key) as string | undefined)
    : undefined
}

function own(value: unknown, name: string): string | undefined {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, string>)[name]
    : undefined
}
