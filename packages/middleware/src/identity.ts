import { MemoryMiddlewareError } from './errors.ts'
import { webHeaders } from './http/headers.ts'
import type { ResolvedUserId } from './resolver.ts'

/**
 * A `userId` option of any adapter. It reads what a login left on the request after verifying it: own properties only,
 * so that a polluted prototype names nobody. A value that is not a string is returned as it is, for the middleware to
 * refuse.
 */
export type IdentityResolver = (request: object) => ResolvedUserId

/**
 * The user of Passport: `req.user.id`, or `ctx.state.user.id` with koa-passport.
 *
 * Without a user there, nobody is signed in: a missing Passport and an anonymous visitor look the same.
 *
 * @param property the property that holds the id; it must never change and never be given to another user
 * @throws MemoryMiddlewareError `LOGIN_NOT_MOUNTED`, per request, on a web-standard `Request` without it: Passport does
 *   not run on those
 */
export function fromPassport(property = 'id'): IdentityResolver {
  return (request) => {
    refuseWebRequest(request, 'fromPassport()')
    return ownProperty(userOf(request), property)
  }
}

/**
 * The subject of the token that express-oauth2-jwt-bearer (Auth0) verified: `req.auth.payload.sub`.
 *
 * Without a token there, nobody is signed in; that is what `authRequired: false` leaves.
 *
 * @throws MemoryMiddlewareError `LOGIN_NOT_MOUNTED`, per request, on a web-standard `Request` without it: the package is
 *   for Express
 */
export function fromAuth0(): IdentityResolver {
  return (request) => {
    refuseWebRequest(request, 'fromAuth0()')
    return ownProperty(ownProperty(propertyOf(request, 'auth'), 'payload'), 'sub')
  }
}

/**
 * The user of a session that Clerk verified, with `@clerk/express`, `@clerk/fastify` or `@clerk/hono`. Machine tokens
 * and API keys do not sign anybody in.
 *
 * On Next.js Clerk puts nothing on the request. There write, with `auth` from `@clerk/nextjs/server`:
 * `userId: async () => (await auth()).userId`.
 *
 * @throws MemoryMiddlewareError `LOGIN_NOT_MOUNTED`, per request, if Clerk left nothing on it; Clerk leaves something
 *   for anonymous visitors, too
 */
export function fromClerk(): IdentityResolver {
  return (request) => {
    const found = propertyOf(request, 'auth') ?? ownProperty(variablesOf(request), 'clerkAuth')
    if (found === undefined || found === null) {
      throw loginNotMounted(
        'fromClerk() found nothing from Clerk on this request.',
        "On Next.js write userId: async () => (await auth()).userId, with auth from '@clerk/nextjs/server'. Elsewhere mount Clerk " +
          "before scopedMemory(): app.use(clerkMiddleware()) from '@clerk/express' or '@clerk/hono', " +
          "app.register(clerkPlugin) from '@clerk/fastify'.",
      )
    }
    const auth: unknown = typeof found === 'function' ? found.call(request) : found
    const kind: unknown = ownProperty(auth, 'tokenType')
    return kind === undefined || kind === 'session_token' ? ownProperty(auth, 'userId') : undefined
  }
}

/**
 * An id that the app put into the session when the user logged in: `req.session[key]`, `ctx.session[key]`. For
 * express-session, cookie-session, koa-session, @fastify/session; by `session.get(key)` for @fastify/secure-session.
 *
 * @throws MemoryMiddlewareError `LOGIN_NOT_MOUNTED`, per request, where there is no session at all. These libraries leave
 *   one for anonymous visitors, too, unless their store cannot be reached or they cover another part of the app, by the
 *   path of the cookie or of the mount: mount `scopedMemory()` on that part
 */
export function fromSession(key: string): IdentityResolver {
  return (request) => {
    // express-session removes the session when it is destroyed, and leaves its store.
    if (!hasProperty(request, 'session') && !hasProperty(request, 'sessionStore')) {
      throw loginNotMounted(
        'fromSession() found no session on this request: none is mounted, its store cannot be reached, or it covers another part of the app.',
        'Before scopedMemory() write: app.use(session({ … })), or app.register(fastifySession, { … }) on Fastify. Mount scopedMemory() on the paths that the session covers. For any other kind of session write: userId: async (request) => (await sessionOf(request))?.userId.',
      )
    }
    const session = propertyOf(request, 'session')
    return ownProperty(session, key) ?? getFromSession(session, key)
  }
}

/**
 * A claim of the token that a JWT plugin verified: @fastify/jwt (`request.user`), hono/jwt (`jwtPayload`), koa-jwt
 * (`ctx.state.user`), express-jwt (`req.auth`).
 *
 * Without a token there, nobody is signed in; that is what those leave that let a request without one pass.
 *
 * @param claim default `sub`, the subject, which issuers never give to another user
 * @throws MemoryMiddlewareError `LOGIN_NOT_MOUNTED`, per request, on a web-standard `Request` without it: none of those
 *   runs there
 */
export function fromJwt(claim = 'sub'): IdentityResolver {
  return (request) => {
    refuseWebRequest(request, 'fromJwt()')
    return ownProperty(
      ownProperty(variablesOf(request), 'jwtPayload') ?? userOf(request) ?? propertyOf(request, 'auth'),
      claim,
    )
  }
}

/** The part of better-auth that {@link fromBetterAuth} calls. */
export interface BetterAuth {
  readonly api: {
    getSession(context: { headers: Headers }): Promise<{ user: { id: string } } | null>
  }
}

/** The user of a session that better-auth verifies, from the headers of the request. */
export function fromBetterAuth(auth: BetterAuth): (request: object) => Promise<ResolvedUserId> {
  return async (request) =>
    ownProperty(ownProperty(await auth.api.getSession({ headers: headersOf(request) }), 'user'), 'id')
}

// Middleware of a server leaves its user on a request of Node or on a context, never on a web-standard request.
function refuseWebRequest(request: object, resolver: string): void {
  const { clone, headers } = request as Partial<Request>
  if (typeof clone !== 'function' || typeof headers?.get !== 'function') return
  if (hasProperty(request, 'user') || hasProperty(request, 'auth')) return
  throw loginNotMounted(
    `${resolver} found no login on this web-standard Request; middleware of a server does not run on one.`,
    'Read what your login verified. Write: userId: async (request) => (await sessionOf(request))?.userId.',
  )
}

function loginNotMounted(found: string, line: string): MemoryMiddlewareError {
  return new MemoryMiddlewareError(`${found} ${line}`, 'LOGIN_NOT_MOUNTED')
}

function userOf(request: object): unknown {
  return propertyOf(request, 'user') ?? ownProperty(propertyOf(request, 'state'), 'user')
}

function variablesOf(request: object): unknown {
  return propertyOf(request, 'var')
}

function headersOf(request: object): Headers {
  // Hono keeps the incoming request below its own.
  const incoming = ownProperty(propertyOf(request, 'req'), 'raw') ?? request
  return webHeaders(propertyOf(incoming as object, 'headers') as Headers)
}

function propertyOf(request: object, name: string): unknown {
  return hasProperty(request, name) ? (request as Record<string, unknown>)[name] : undefined
}

// A framework may keep it behind a getter of its request's prototype; what every object inherits, no login put there.
function hasProperty(request: object, name: string): boolean {
  for (
    let at: object | null = request;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object
  ) {
    if (Object.hasOwn(at, name)) return true
  }
  return false
}

// @fastify/secure-session shows what it holds by this method alone, which also reads what an object inherits.
function getFromSession(session: unknown, key: string): string | undefined {
  const { get } = (session ?? {}) as { get?: unknown }
  return typeof get === 'function' && !(key in Object.prototype)
    ? (get.call(session, key) as string | undefined)
    : undefined
}

function ownProperty(value: unknown, name: string): string | undefined {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, string>)[name]
    : undefined
}
