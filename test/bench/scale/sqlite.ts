import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Memory } from 'mem0ai/oss'
import { DIMENSIONS, embedder } from './embedder.ts'
import type { ScaleEngine } from './scale-engine.ts'
import { ownText, SENTENCES, userId } from './texts.ts'

const BATCH = 1000

/** What is used here of better-sqlite3, which has no types of its own. */
interface Database {
  exec(sql: string): void
  prepare(sql: string): { all(): unknown[]; run(...values: unknown[]): unknown }
  transaction(work: () => void): () => void
}

/** mem0's own default store, a SQLite file. */
export function openSqliteEngine(): Promise<ScaleEngine> {
  const directory = mkdtempSync(join(tmpdir(), 'scale-'))
  const client = new Memory({
    embedder,
    vectorStore: {
      provider: 'memory',
      config: { collectionName: 'm', dimension: DIMENSIONS, dbPath: join(directory, 'vectors.db') },
    },
    llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: 'http://127.0.0.1:9' } },
    historyDbPath: join(directory, 'history.db'),
  })
  return Promise.resolve({
    client,
    async fill(users, memories, onRows) {
      for (const sentence of SENTENCES) await client.add(sentence, { userId: 'template', infer: false })
      const { db } = (client as unknown as { vectorStore: { db: Database } }).vectorStore
      const template = db
        .prepare(`SELECT vector, payload FROM vectors WHERE payload->>'user_id' = 'template' ORDER BY rowid`)
        .all() as { vector: Buffer; payload: string }[]
      db.exec('DELETE FROM vectors')
      const insert = db.prepare('INSERT INTO vectors (id, vector, payload) VALUES (?, ?, ?)')
      const rows = users * memories
      for (let from = 0; from < rows; from += BATCH) {
        const to = Math.min(rows, from + BATCH)
        db.transaction(() => {
          for (let row = from; row < to; row++) {
            const user = userId(row % users)
            const sentence = Math.floor(row / users) % SENTENCES.length
            const { vector, payload } = template[sentence]!
            insert.run(
              randomUUID(),
              vector,
              JSON.stringify({
                ...(JSON.parse(payload) as object),
                user_id: user,
                data: ownText(sentence, user),
              }),
            )
          }
        })()
        onRows(to - from)
      }
    },
    close() {
      rmSync(directory, { recursive: true, force: true })
      return Promise.resolve()
    },
  })
}
