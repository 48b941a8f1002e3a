import type { ClientMethod } from './client-calls.ts'

type Described = Pick<ClientMethod, 'client' | 'method'>

/** The key that names the user where a method reads it first. */
export function keyOfUser({ client, method }: Described): string {
  const scoped = method.kind === 'scoped' ? method : undefined
  const keys = scoped?.userKeys ?? client.userKeys
  // Inside a filter the name is the one on the wire.
  return (scoped?.at?.[0] ? keys.find((key) => key.includes('_')) : undefined) ?? keys[0] ?? 'userId'
}

/** A property as it is written: `userId`, `user_id: userId`. */
export const writtenProperty = (key: string, user: string): string =>
  key === user ? user : `${key}: ${user}`

/** What names one user in a call, as it is written: `{ filters: { user_id: userId } }`, `.namespace(userId)`. */
export function userArgument(described: Described, user = 'userId'): string {
  const { client, method } = described
  const [column = 'userId'] = client.userKeys
  if (method.kind === 'rows') return around(method.at, `{ ${writtenProperty(column, user)} }`)
  if (method.kind === 'chained' && method.rows !== undefined)
    return `.${method.rows}({ ${writtenProperty(column, user)} })`
  if (client.write !== undefined) return client.write
  if (method.kind === 'chained')
    return client.filter === 'calls' ? `.eq('${column}', ${user})` : `.where(eq(table.${column}, ${user}))`
  const partition = method.kind === 'part' ? undefined : method.partitions?.[0]
  if (partition) return around(partition.at, user)
  const path = method.kind === 'scoped' ? (method.at?.[0] ?? '') : ''
  const key = keyOfUser(described)
  return path !== '' && !path.includes('[]') && client.filter === 'conditions'
    ? around(path, `{ must: [{ key: '${key}', match: { value: ${user} } }] }`)
    : around(
        path,
        client.filter === 'expressions'
          ? `eq(table.${column}, ${user})`
          : `{ ${writtenProperty(client.filter === 'relations' ? column : key, user)} }`,
      )
}

/** Whether a call by id can name a user as well: in its arguments, or by what it is called on. */
export const takesUser = ({ client, method }: Described): boolean =>
  method.kind === 'scoped' ||
  method.kind === 'chained' ||
  'partitions' in method ||
  client.write?.startsWith('.') === true

/** What stands under a path, with what is around it: `points[].payload` is `{ points: [{ payload: … }] }`. */
function around(path: string, written: string): string {
  const steps = path.split(/\.|(?=\[\])/).filter((step) => step !== '')
  return steps.reduceRight(
    (inner, step) => (step === '[]' ? `[${inner}]` : `{ ${writtenProperty(step, inner)} }`),
    written,
  )
}
