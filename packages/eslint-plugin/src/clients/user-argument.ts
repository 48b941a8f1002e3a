import type { ClientDescription, Method } from './client-description.ts'

interface Described {
  readonly client: ClientDescription
  readonly method: Method
}

/** The key that names the user where a method reads it first. */
export function keyOfUser({ client, method }: Described): string {
  const scoped = method.kind === 'scoped' ? method : undefined
  const keys = scoped?.userKeys ?? client.userKeys
  // Inside a filter the name is the one on the wire.
  return (scoped?.at[0] ? keys.find((key) => key.includes('_')) : undefined) ?? keys[0] ?? 'userId'
}

/** A property as it is written: `userId`, `user_id: userId`. */
export const writtenProperty = (key: string, user: string): string =>
  key === user ? user : `${key}: ${user}`

/** The argument that names one user, as it is written: `{ filters: { user_id: userId } }`. */
export function userArgument(described: Described, user = 'userId'): string {
  const { method } = described
  const place = method.kind === 'scoped' ? method.at[0] : undefined
  const named = `{ ${writtenProperty(keyOfUser(described), user)} }`
  return place ? `{ ${place}: ${named} }` : named
}
