import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

/** Roles of a server, of names that no other test uses. */
export interface PostgresRoles extends AsyncDisposable {
  /** Runs SQL as the administrator of the server. */
  readonly admin: (sql: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>
  /** The owner of the tables: it may make tables, and is no superuser. */
  readonly owner: Role
  /** The role of the application, which owns nothing. */
  readonly app: Role
  /** Another role that may log in. */
  addRole(purpose: string, attributes?: string): Promise<Role>
}

export interface Role {
  readonly name: string
  readonly url: string
}

/** Makes the roles in a database, with the extension that their tables need. */
export async function createRoles(url: string): Promise<PostgresRoles> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const suffix = randomBytes(4).toString('hex')
  const made: string[] = []
  const addRole = async (purpose: string, attributes = ''): Promise<Role> => {
    const name = `${purpose}_${suffix}`
    await client.query(`CREATE ROLE ${name} LOGIN PASSWORD 'secret' ${attributes}`)
    made.push(name)
    const own = new URL(url)
    own.username = name
    own.password = 'secret'
    return { name, url: own.href }
  }
  const owner = await addRole('owner')
  const app = await addRole('app')
  await client.query('CREATE EXTENSION vector')
  await client.query(`GRANT CREATE ON SCHEMA public TO ${owner.name}`)
  return {
    admin: async (sql, values = []) => (await client.query<Record<string, unknown>>(sql, [...values])).rows,
    owner,
    app,
    addRole,
    async [Symbol.asyncDispose]() {
      // Together, since one may have granted another what it had.
      await client.query(`DROP OWNED BY ${made.join(', ')} CASCADE; DROP ROLE ${made.join(', ')}`)
      await client.end()
    },
  }
}
