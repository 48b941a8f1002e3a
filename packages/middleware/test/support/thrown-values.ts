import { runInNewContext } from 'node:vm'
import { InvalidUserIdError } from '@scoped-memory/core'

/** What no response may show. */
export const SECRET = 'upstream db-7.internal: row of u_bob'

const throwing = (message: string, name: string): Error =>
  Object.defineProperty(new Error(message), name, {
    get() {
      throw new Error(`the getter of ${name}`)
    },
  })
/** An error with these properties, whose message is the secret. */
export const failed = (properties: object): Error => Object.assign(new Error(SECRET), properties)
const changing = (name: string, ...values: unknown[]): Error => {
  let reads = 0
  return Object.defineProperty(new Error(SECRET), name, {
    get: () => values[reads++ % values.length],
  })
}
class ReadOnlyStatus extends Error {
  get status(): number {
    return 403
  }
}
export const everyTrap = new Proxy(
  {},
  Object.fromEntries(
    Object.getOwnPropertyNames(Reflect).map((trap) => [
      trap,
      () => {
        throw new Error(SECRET)
      },
    ]),
  ),
)

// What a router takes for "go on", what a framework answers with the status it finds, and what none can read.
export const notErrors: [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['false', false],
  ['0', 0],
  ['an empty string', ''],
  ['"route"', 'route'],
  ['"router"', 'router'],
  ['a text', SECRET],
  ['a number', 200],
  ['a bigint', 200n],
  ['a symbol', Symbol('route')],
  ['a function', () => SECRET],
  ['an object with the status of a success', { status: 200, message: SECRET }],
  ['an object with the status of an error', { status: 403, statusCode: 403, message: SECRET }],
  ['an object with getters that throw', throwingObject()],
  ['a list', []],
  ['an answer', new Response('in', { status: 200 })],
  ['an answer that is an error', new Response('out', { status: 403 })],
  ['an Error of another realm', runInNewContext(`new Error(${JSON.stringify(SECRET)})`)],
  ['an Error with status 200', Object.assign(new Error(SECRET), { status: 200 })],
  ['an Error with statusCode 200', Object.assign(new Error(SECRET), { statusCode: 200 })],
  ['an Error with status 302', Object.assign(new Error(SECRET), { status: 302 })],
  ['an Error with status 0', Object.assign(new Error(SECRET), { status: 0 })],
  ['an Error with status 1000', Object.assign(new Error(SECRET), { status: 1000 })],
  ['an Error with status "200"', Object.assign(new Error(SECRET), { status: '200' })],
  ['an Error whose status throws', throwing(SECRET, 'status')],
  ['an Error whose message throws', throwing(SECRET, 'message')],
  ['an Error whose stack throws', throwing(SECRET, 'stack')],
  ['an Error that is frozen', Object.freeze(failed({ status: 403 }))],
  ['an Error that cannot be extended', Object.preventExtensions(new Error(SECRET))],
  ['an InvalidUserIdError that is frozen', Object.freeze(new InvalidUserIdError(SECRET))],
  ['an Error whose status is a getter', changing('status', 403)],
  ['an Error whose status is a getter of its class', new ReadOnlyStatus(SECRET)],
  [
    'an Error whose status cannot be written',
    Object.defineProperty(new Error(SECRET), 'status', { value: 403 }),
  ],
  ['an Error whose statusCode is a getter', changing('statusCode', 403)],
  ['an Error whose status changes', changing('status', 500, 200)],
  ['an Error whose statusCode changes', changing('statusCode', 500, 500, 200)],
  ['an Error whose message changes', changing('message', 'a text', 42)],
  ['an Error whose message is a number', failed({ message: 42, expose: true, status: 403 })],
  ['an Error whose message is a symbol', failed({ message: Symbol('m'), status: 403 })],
  ['an Error whose name is a symbol', failed({ name: Symbol('n'), stack: 'Error', status: 403 })],
  ['an Error whose stack is a number', failed({ stack: 42 })],
  ['an Error without a stack, whose toString() throws', failed({ stack: '', toString: () => fail() })],
  [
    'an Error with a header that is undefined',
    failed({ status: 429, headers: { 'retry-after': undefined } }),
  ],
  ['an Error with a header of two lines', failed({ status: 429, headers: { 'x-reason': 'a\nb' } })],
  ['an Error with a header beyond Latin-1', failed({ status: 429, headers: { 'x-reason': '…' } })],
  ['an Error with a header that has no name', failed({ status: 429, headers: { 'x reason': 'a' } })],
  ['an Error with a text for headers', failed({ status: 429, headers: 'abc' })],
  ['an Error with Headers, whose methods Koa 2 sends', failed({ status: 429, headers: new Headers() })],
  ['an Error with a length', failed({ status: 429, headers: { 'Content-Length': '5' } })],
  ['an Error with a transfer', failed({ status: 429, headers: { 'transfer-encoding': 'chunked' } })],
  ['an Error with an encoding', failed({ status: 429, headers: { 'content-encoding': 'gzip' } })],
  ['an Error with an answer of its own', failed({ getResponse: () => new Response('in', { status: 200 }) })],
  ['a proxy that throws at everything', everyTrap],
  ['a proxy of an Error', new Proxy(new Error(SECRET), { getPrototypeOf: () => fail() })],
]

function throwingObject(): object {
  return Object.defineProperties(
    {},
    Object.fromEntries(
      ['status', 'statusCode', 'message', 'name', 'stack', 'headers', 'then'].map((name) => [
        name,
        { enumerable: true, get: () => fail() },
      ]),
    ),
  )
}

function fail(): never {
  throw new Error('a getter')
}
