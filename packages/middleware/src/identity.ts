import { webHeaders } from './headers.ts'
import type { ResolvedUserId } from './resolve.ts'

/**
 * A `userId` option of any adapter. It reads what a login left on the request after verifying it: only what that object
 * has itself, not what it inherits, so that a polluted prototype names nobody. What is no string is handed on as it is,
 * and refused by the middleware.
 */
export type IdentityResolver = (request: object) => ResolvedUserId

/**
 * The user of Passport: `req.user.id`, or `ctx.state.user.id` with koa-passport.
 *
 * @param property the property that holds the id; it must never change and never be given to another user
 */
export function fromPassport(property = 'id'): IdentityResolver {
  return (request) => own(userOf(request), property)
}

/** The subject of the token that express-oauth2-jwt-bearer (Auth0) verified: `req.auth.payload.sub`. */
export function fromAuth0(): IdentityResolver {
  return (request) => own(own(held(request, 'auth'), 'payload'), 'sub')
}

/**
 * The user of a session that Clerk verified, with `@clerk/express`, `@clerk/fastify` or `@clerk/hono`. Machine tokens
 * and API keys sign in nobody.
 */
export function fromClerk(): IdentityResolver {
  return (request) => {
    const left = held(request, 'auth') ?? own(variablesOf(request), 'clerkAuth')
    const auth: unknown = typeof left === 'function' ? left.call(request) : left
    const kind: unknown = own(auth, 'tokenType')
    return kind === undefined || kind === 'session_token' ? own(auth, 'userId') : undefined
  }
}

/**
 * An id that the app put into the session when the user logged in: `req.session[key]`, `ctx.session[key]`. For
 * express-session, cookie-session, koa-session, @fastify/session.
 */
export function fromSession(key: string): IdentityResolver {
  return (request) => own(held(request, 'session'), key)
}

/**
 * A claim of the token that a JWT plugin verified: @fastify/jwt (`request.user`), hono/jwt (`jwtPayload`), koa-jwt
 * (`ctx.state.user`), express-jwt (`req.auth`).
 *
 * @param claim default `sub`, the subject: issuers never give it to another user
 */
export function fromJwt(claim = 'sub'): IdentityResolver {
  return (request) =>
    own(own(variablesOf(request), 'jwtPayload') ?? userOf(request) ?? held(request, 'auth'), claim)
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

// A framework may keep it behind a getter of its request's prototype; what every object has, no login put there.
function held(request: object, name: string): unknown {
  for (
    let at: object | null = request;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object
  ) {
    if (Object.hasOwn(at, name)) return (request as Record<string, unknown>)[name]
  }
  return undefined
}

function own(value: unknown, name: string): string | undefined {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, string>)[name]
    : undefined
}
