/** What is measured. */
export const OPERATIONS = ['search', 'getAll', 'add', 'deleteAll', 'batchDelete'] as const
export type Operation = (typeof OPERATIONS)[number]

/** How many calls there are at once. */
export const CONCURRENCIES = [1, 16] as const

/** What is compared, and how a table calls it. */
export const SUBJECTS = {
  mem0: "mem0's pgvector provider",
  own: 'Postgres engine',
  rls: 'with row-level security',
}
export type SubjectName = keyof typeof SUBJECTS
