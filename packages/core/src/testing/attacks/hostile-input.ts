import type { Method } from '../memory-handle.ts'
import type { Party } from '../harness.ts'

/** The methods that answer with many records. */
export const READS: readonly Method[] = ['search', 'getAll', 'list']

/** How a key that names a user can be spelled. */
export const USER_KEYS: readonly string[] = [
  'user_id',
  'userId',
  'userid',
  'USER_ID',
  'UserId',
  'user-id',
  'user id',
  'entity_id',
]

/** Objects that name `userId` under more than one key: of two spellings, the last one wins in mem0's client. */
export function collisions(userId: string): object[] {
  return [
    body(`{"userId":"x","user_id":${JSON.stringify(userId)}}`),
    body(`{"user_id":${JSON.stringify(userId)},"userId":"x"}`),
    body(`{"user_id":"x","userId":${JSON.stringify(userId)}}`),
    body(`{"userId":${JSON.stringify(userId)},"user_id":"x"}`),
  ]
}

/** What a JSON request body becomes: the only way to an own key `__proto__`. */
export function body(json: string): object {
  return JSON.parse(json) as object
}

/** An object whose property is one thing at first and another from the next look on. */
export function changing(key: string, first: unknown, then: unknown): object {
  let looks = 0
  return Object.defineProperty({}, key, {
    enumerable: true,
    configurable: true,
    get: () => (looks++ === 0 ? first : then),
  })
}

/** An object without own keys that answers for a key all the same. */
export function pretending(key: string, value: unknown): object {
  return new Proxy(
    {},
    { get: (_target, name) => (name === key ? value : undefined), has: (_target, name) => name === key },
  )
}

/** An object that keeps whatever it holds, however it is written to. */
export function stubborn(key: string, value: unknown): object {
  return Object.defineProperty({}, key, { enumerable: true, get: () => value, set: () => {} })
}

/** An object that turns into another when it is written as JSON. */
export function unfolding(into: unknown, own: object = {}): object {
  return { ...own, toJSON: () => into }
}

/** Objects that carry `key: value` without a plain own property to show for it. */
export function disguised(key: string, value: unknown): object[] {
  return [
    Object.create({ [key]: value }) as object,
    new (class {
      get [key](): unknown {
        return value
      }
    })(),
    changing(key, undefined, value),
    pretending(key, value),
    unfolding({ [key]: value }),
  ]
}

/** The arguments of a method that reads many records, with options. */
export function reading(method: Method, query: string, options: object): unknown[] {
  return method === 'search' ? [query, options] : [options]
}

/** Things that become the id of a memory when they are made a string. */
export function coercible(own: string, foreign: string): unknown[] {
  let looks = 0
  return [
    [foreign],
    { toString: () => foreign },
    { toString: () => (looks++ === 0 ? own : foreign) },
    Object(foreign),
    { id: foreign },
    { memoryId: foreign, memory_id: foreign },
  ]
}

/** Ids of memories that are paths: in a URL they lead to another route, to a list or to another record. */
export function pathIds(alice: Party, bob: Party): string[] {
  const [own] = alice.ids
  const [foreign] = bob.ids
  const user = encodeURIComponent(bob.userId)
  return [
    '.',
    './',
    '..',
    '%2e',
    '%2E%2E',
    '../memories',
    `user/${bob.userId}`,
    `?user_id=${user}`,
    `.?user_id=${user}`,
    `../memories/?user_id=${user}&x=`,
    `/v1/memories/${foreign}/`,
    `${own}/../${foreign}`,
    `${foreign}/`,
    `${foreign}?x=`,
    `${foreign}#`,
    `${foreign}%00`,
    `${foreign}/history`,
    ` ${foreign}`,
    `${foreign}\n`,
    foreign.toUpperCase(),
    '',
    ' ',
    '*',
  ]
}
