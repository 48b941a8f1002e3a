import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryFactory, ensureUserIndex } from '@scoped-memory/core'
import { openPostgresMemory, setUpPostgres } from '@scoped-memory/core/postgres'
import { Client } from 'pg'
import { disconnect, postgresMemory } from '../../engines/postgres-memory.ts'
import { openPostgres } from '../../engines/postgres-server.ts'
import { DIMENSIONS, embedder } from '../scale/embedder.ts'
import { fillPgvector } from '../scale/pgvector.ts'
import { fillPostgres } from '../scale/postgres.ts'
import { isOwnText, QUESTION } from '../scale/texts.ts'
import { SUBJECTS, type Operation, type SubjectName } from './names.ts'

/** How many memories one `batchDelete` deletes. */
export const BATCH_DELETE = 100

/** The calls of one user on one engine. */
export interface Subject {
  readonly title: string
  readonly calls: Readonly<Record<Exclude<Operation, 'batchDelete'>, (user: string) => Promise<unknown>>>
  /** Adds as many memories as are deleted at once, and resolves what deletes them. */
  readonly prepareBatch: (user: string) => Promise<() => Promise<unknown>>
}

/** Engines on one server, beside one another. */
export interface Subjects extends AsyncDisposable {
  readonly byName: Readonly<Record<SubjectName, Subject>>
  fill(users: number, memories: number): Promise<void>
}

const NEW_TEXT = 'I have just moved to another town'

/** mem0's own `Memory` with its provider, and the engine of this project without and with row-level security, or why there is no server. */
export async function openSubjects(): Promise<Subjects | { readonly unavailable: string }> {
  const database = await openPostgres()
  if ('unavailable' in database) return database
  const { url } = database
  const directory = mkdtempSync(join(tmpdir(), 'bench-'))
  const mem0 = postgresMemory({
    url,
    embedder,
    dimensions: DIMENSIONS,
    historyDbPath: join(directory, 'history.db'),
  })
  await ensureUserIndex(mem0)
  const app = await createRole(url)
  await setUpPostgres({
    connectionString: url,
    dimensions: DIMENSIONS,
    role: app.role,
    rowLevelSecurity: true,
  })
  // One set of tables: its owner is a superuser, for whom there are no policies.
  const own = await openPostgresMemory({ connectionString: url, embedder })
  const rls = await openPostgresMemory({ connectionString: app.url, embedder, rowLevelSecurity: true })
  return {
    byName: {
      mem0: {
        title: SUBJECTS.mem0,
        calls: {
          search: (user) => mem0.search(QUESTION, { filters: { user_id: user } }),
          getAll: (user) => mem0.getAll({ filters: { user_id: user } }),
          add: (userId) => mem0.add(`${NEW_TEXT} (${userId})`, { userId, infer: false }),
          deleteAll: (userId) => mem0.deleteAll({ userId }),
        },
        async prepareBatch(userId) {
          const ids = await addMany((text) => mem0.add(text, { userId, infer: false }), userId)
          return async () => {
            for (const id of ids) await mem0.delete(id)
          }
        },
      },
      own: scoped(SUBJECTS.own, own),
      rls: scoped(SUBJECTS.rls, rls),
    },
    async fill(users, memories) {
      await fillPgvector(mem0, users, memories, () => undefined)
      await ensureUserIndex(mem0)
      await fillPostgres(url, own, users, memories, () => undefined)
    },
    async [Symbol.asyncDispose]() {
      await disconnect(mem0)
      await own.close()
      await rls.close()
      await app.drop()
      await database.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function scoped(title: string, client: Awaited<ReturnType<typeof openPostgresMemory>>): Subject {
  // Each call makes its own handle, as a request would.
  const memoryFor = createMemoryFactory({ client })
  return {
    title,
    calls: {
      search: (user) => memoryFor(user).search(QUESTION),
      getAll: (user) => memoryFor(user).getAll(),
      add: (user) => memoryFor(user).add(`${NEW_TEXT} (${user})`, { infer: false }),
      deleteAll: (user) => memoryFor(user).deleteAll(),
    },
    async prepareBatch(user) {
      const memory = memoryFor(user)
      const ids = await addMany((text) => memory.add(text, { infer: false }), user)
      return () => memory.batchDelete(ids)
    },
  }
}

async function addMany(
  add: (text: string) => Promise<{ results: { id: string }[] }>,
  user: string,
): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < BATCH_DELETE; index++) {
    ids.push((await add(`${NEW_TEXT} ${index} (${user})`)).results[0]!.id)
  }
  return ids
}

/** A fast result that is wrong is worth nothing. @throws Error where one is */
export async function checkResults(
  subjects: Subjects,
  users: readonly string[],
  memories: number,
): Promise<void> {
  for (const [name, { calls }] of Object.entries(subjects.byName)) {
    for (const user of users) {
      const found = await Promise.all([calls.getAll(user), calls.search(user)])
      const [listed, searched] = found.map((answer) => (answer as { results: { memory?: string }[] }).results)
      const foreign = [...listed!, ...searched!].filter(({ memory }) => !isOwnText(memory, user))
      if (foreign.length > 0 || listed!.length !== memories || searched!.length === 0) {
        throw new Error(
          `${name}: ${user} has ${memories} memories, but getAll() shows ${listed!.length}, search() ${searched!.length}, of which ${foreign.length} are not this user's.`,
        )
      }
    }
  }
}

async function createRole(url: string): Promise<{ role: string; url: string; drop: () => Promise<void> }> {
  const role = `bench_${process.pid}`
  const sql = new Client({ connectionString: url })
  await sql.connect()
  await sql.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`)
  const own = new URL(url)
  own.username = own.password = role
  return {
    role,
    url: own.href,
    async drop() {
      await sql.query(`DROP OWNED BY ${role}`)
      await sql.query(`DROP ROLE ${role}`)
      await sql.end()
    },
  }
}
