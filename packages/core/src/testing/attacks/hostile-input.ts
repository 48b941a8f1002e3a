import type { TestUser } from '../harness.ts'
import type { HandleMethod } from '../memory-handle.ts'

/** The methods that return many records. */
export const READ_METHODS: readonly HandleMethod[] = ['search', 'getAll', 'list']

/** Spellings of a key that names a user. */
export const USER_KEY_SPELLINGS: readonly string[] = [
  'user_id',
  'userId',
  'userid',
  'USER_ID',
  'UserId',
  'user-id',
  'user id',
  'entity_id',
]

/** Objects that name the user under two spellings; mem0's client takes the last one. */
export function collidingUserKeys(userId: string): object[] {
  return [
    fromJson(`{"userId":"x","user_id":${JSON.stringify(userId)}}`),
    fromJson(`{"user_id":${JSON.stringify(userId)},"userId":"x"}`),
    fromJson(`{"user_id":"x","userId":${JSON.stringify(userId)}}`),
    fromJson(`{"userId":${JSON.stringify(userId)},"user_id":"x"}`),
  ]
}

/** A parsed JSON body: the only way to get `__proto__` as an own key. */
export function fromJson(json: string): object {
  return JSON.parse(json) as object
}

/** A function that returns `first` when it is first called, and `then` from the second call on. */
export function firstThen<T>(first: T, then: T): () => T {
  let calls = 0
  return () => (calls++ === 0 ? first : then)
}

/** An object whose property has one value on the first read and another from the second read on. */
export function changingProperty(key: string, first: unknown, then: unknown): object {
  return Object.defineProperty({}, key, {
    enumerable: true,
    configurable: true,
    get: firstThen(first, then),
  })
}

/** A Proxy without own keys that has a value for one key. */
export function proxiedProperty(key: string, value: unknown): object {
  return new Proxy(
    {},
    { get: (_target, name) => (name === key ? value : undefined), has: (_target, name) => name === key },
  )
}

/** An object whose property ignores every write. */
export function fixedProperty(key: string, value: unknown): object {
  return Object.defineProperty({}, key, { enumerable: true, get: () => value, set: () => {} })
}

/** An object that serializes to `json`, whatever its own properties are. */
export function withToJson(json: unknown, own: object = {}): object {
  return { ...own, toJSON: () => json }
}

/** Objects that have a value for `key` without a plain own property. */
export function disguisedProperties(key: string, value: unknown): object[] {
  return [
    Object.create({ [key]: value }) as object,
    new (class {
      get [key](): unknown {
        return value
      }
    })(),
    changingProperty(key, undefined, value),
    proxiedProperty(key, value),
    withToJson({ [key]: value }),
  ]
}

/** The arguments of one of {@link READ_METHODS}, with options. */
export function readArguments(method: HandleMethod, query: string, options: object): unknown[] {
  return method === 'search' ? [query, options] : [options]
}

/** Values that become a memory id when they are coerced to a string. */
export function coercibleIds(own: string, foreign: string): unknown[] {
  return [
    [foreign],
    { toString: () => foreign },
    { toString: firstThen(own, foreign) },
    Object(foreign),
    { id: foreign },
    { memoryId: foreign, memory_id: foreign },
  ]
}

/** Memory ids that are paths: in a URL they lead to another route, to a list or to another record. */
export function pathIds(alice: TestUser, bob: TestUser): string[] {
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
