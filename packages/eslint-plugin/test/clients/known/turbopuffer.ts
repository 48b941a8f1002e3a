import { Turbopuffer } from '@turbopuffer/turbopuffer'

declare const id: string
declare const text: string
declare const userId: string
declare const vector: number[]

const tpuf = new Turbopuffer({ region: 'gcp-us-central1' })
const memories = tpuf.namespace('memories')
const nearest = { rank_by: ['vector', 'ANN', vector], top_k: 3 } as const

// One namespace for everybody, and no condition on the user.
await memories.query({ top_k: 3 }) // MissingUser: memories.query -> .namespace(`user-${userId}`)
await memories.query({ ...nearest, rank_by: ['vector', 'ANN', vector], filters: ['topic', 'Eq', 'food'] }) // MissingUser: memories.query
await memories.query({ filters: ['user_id', 'NotEq', userId] }) // WidenedFilter: memories.query
await memories.query({ filters: ['user_id', 'In', [userId, id]] }) // SeveralUsers: memories.query
await memories.query({ filters: ['Not', ['user_id', 'Eq', userId]] }) // WidenedFilter: memories.query
const isMine = ['user_id', 'Eq', userId] as const
await memories.query({ filters: ['Or', [[...isMine], ['topic', 'Eq', 'food']]] }) // Unverifiable: memories.query
// prettier-ignore
await memories.query({ filters: ['Or', [['user_id', 'Eq', userId], ['topic', 'Eq', 'food']]] }) // WidenedFilter: memories.query
await memories.query({ filters: ['And', [['topic', 'Eq', 'food']]] }) // MissingUser: memories.query
await memories.multiQuery({ queries: [{ top_k: 3 }] }) // MissingUser: memories.multiQuery
await memories.explainQuery({ top_k: 3 }) // MissingUser: memories.explainQuery
await memories.write({ upsert_rows: [{ id, vector, text }] }) // MissingUser: memories.write
await memories.write({ patch_rows: [{ id, text }] }) // MissingUser: memories.write
await memories.write({ delete_by_filter: ['topic', 'Eq', 'food'] }) // MissingUser: memories.write
await memories.write({ deletes: [id] }) // BareMemoryId: memories.write
await memories.deleteAll() // ProjectWide: memories.deleteAll

// A namespace of one user's own.
const mine = tpuf.namespace(`user-${userId}`)
await mine.query({ top_k: 3 })
await mine.multiQuery({ queries: [{ top_k: 3 }] })
await mine.explainQuery({ top_k: 3 })
await mine.write({ upsert_rows: [{ id, vector, text }] })
await mine.write({ deletes: [id] })
await mine.deleteAll()
await tpuf.namespace(userId).query({ top_k: 3 })

// A condition that every row has to meet.
await memories.query({ filters: ['user_id', 'Eq', userId] })
await memories.query({ filters: ['user_id', 'In', [userId]] })
await memories.query({
  filters: [
    'And',
    [
      ['user_id', 'Eq', userId],
      ['topic', 'Eq', 'food'],
    ],
  ],
})
await memories.multiQuery({ queries: [{ filters: ['user_id', 'Eq', userId] }] })
await memories.explainQuery({ filters: ['user_id', 'Eq', userId] })
await memories.write({ upsert_rows: [{ id, vector, user_id: userId }] })
await memories.write({ upsert_columns: { id: [id], vector: [vector], user_id: [userId] } })
await memories.write({ patch_rows: [{ id, user_id: userId }] })
await memories.write({ delete_by_filter: ['user_id', 'Eq', userId] })
await memories.write({ patch_by_filter: { filters: ['user_id', 'Eq', userId], patch: { text } } })

// Ids that come out of a list of one user are that user's.
const { rows = [] } = await memories.query({ filters: ['user_id', 'Eq', userId] })
await memories.write({ deletes: rows.map((row) => row.id) })

// Administration.
await memories.metadata()
await memories.exists()
await memories.schema()
for await (const namespace of tpuf.namespaces()) console.log(namespace.id)

// What the code does not show.
export async function recall(namespace: ReturnType<Turbopuffer['namespace']>, name: string) {
  await tpuf.namespace(name).query({ top_k: 3 }) // Unverifiable: tpuf.namespace(name).query
  return namespace
}

// The id that goes in is looked at as well.
export async function handle(req: { body: { userId: string } }) {
  await tpuf.namespace(req.body.userId).query({ top_k: 3 }) // untrusted: req.body.userId
  await memories.query({ filters: ['user_id', 'Eq', req.body.userId] }) // untrusted: req.body.userId
}
