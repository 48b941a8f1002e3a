// What reading a request looks like in the frameworks and libraries people use.

/** The parts of a request that its sender writes. */
export const sent: ReadonlySet<string> = new Set([
  'body',
  'rawBody',
  'query',
  'params',
  'headers',
  'rawHeaders',
  'cookies',
  'signedCookies',
  'searchParams',
  'queryStringParameters',
  'multiValueQueryStringParameters',
  'pathParameters',
  'cookie',
])
/** The same, under names that mean this on any object. */
export const sentAnywhere: ReadonlySet<string> = new Set([
  'searchParams',
  'queryStringParameters',
  'pathParameters',
])
/** Methods of a request that read what its sender wrote. */
export const reads: ReadonlySet<string> = new Set([
  'query',
  'queries',
  'param',
  'header',
  'json',
  'text',
  'formData',
  'parseBody',
  'valid',
  'get',
  'cookie',
  'arrayBuffer',
  'blob',
])
/** Functions of frameworks that read a request. */
export const readers: ReadonlySet<string> = new Set([
  'getQuery',
  'readBody',
  'readFormData',
  'readMultipartFormData',
  'readRawBody',
  'readValidatedBody',
  'getValidatedQuery',
  'getRouterParam',
  'getRouterParams',
  'getValidatedRouterParams',
  'getHeader',
  'getHeaders',
  'getRequestHeader',
  'getRequestHeaders',
  'getCookie',
  'parseCookies',
  'matchedData',
  'useParams',
  'useSearchParams',
  'prompt',
])
/** Functions of `next/headers`. */
export const nextHeaders: ReadonlySet<string> = new Set(['headers', 'cookies'])
/** Functions that return their argument, changed or not. */
export const passing: ReadonlySet<string> = new Set([
  'String',
  'Number',
  'parseInt',
  'decodeURIComponent',
  'encodeURIComponent',
  'JSON.parse',
  'structuredClone',
  'Buffer.from',
  'atob',
])
/** Functions and methods that parse or decode their argument without verifying it. */
export const parsers: ReadonlySet<string> = new Set([
  'parse',
  'parseAsync',
  'safeParse',
  'safeParseAsync',
  'validate',
  'validateSync',
  'decode',
  'decodeJwt',
  'jwtDecode',
  'jwt_decode',
])
/** Decorators that fill a parameter with what was sent. */
export const decorators: ReadonlySet<string> = new Set([
  'Body',
  'Query',
  'Param',
  'Headers',
  'Cookies',
  'Args',
  'MessageBody',
  'QueryParam',
  'BodyParam',
  'HeaderParam',
  'CookieParam',
])
/** Methods that take the handler of a remote procedure, whose `input` is what was sent. */
export const procedures: ReadonlySet<string> = new Set([
  'mutation',
  'query',
  'subscription',
  'action',
  'handler',
])
/** Types of a GraphQL schema whose fields take arguments that the caller writes. */
export const rootTypes: ReadonlySet<string> = new Set(['Query', 'Mutation', 'Subscription'])
/** Parameters of a tool that the application fills in, beside those that a model writes. */
export const trustedToolInput: ReadonlySet<string> = new Set([
  'runtimeContext',
  'requestContext',
  'extra',
  'auth',
  'authInfo',
  'session',
  'user',
  'ctx',
  'config',
  'abortSignal',
])
/** Functions of login libraries that return the session they verified. */
export const logins: ReadonlySet<string> = new Set(['auth', 'getAuth', 'getServerSession'])
