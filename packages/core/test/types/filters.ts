// Compiled, never run: types.test.ts holds that this compiles under every configuration it names.
import type {
  FilterCondition,
  MemoryFilter,
  MemoryRecord,
  Metadata,
  ScopedMemory,
  SearchOptions,
} from '@scoped-memory/core'

declare const memory: ScopedMemory

/** What is legitimate is taken, in whichever way it is written. */
export async function taken(record: MemoryRecord, tags: readonly string[]): Promise<void> {
  const found = (filters: MemoryFilter | undefined) => memory.search('food', { filters })
  const since = new Date()

  await found({})
  await found(undefined)
  await found({ category: 'food', priority: 3, done: false, owner: null, day: since })
  await found({ category: tags, 'address.city': { icontains: 'par' } })
  await found({
    created_at: { gte: since, lt: '2026-12-01' },
    categories: { in: tags },
    run_id: { ne: 'r1' },
  })
  await found({ user_id: 'u_alice', AND: [{ user_id: { eq: 'u_alice' } }, { user_id: { in: ['u_alice'] } }] })
  await found({ AND: { category: 'food' }, OR: [{ a: 1 }, { b: { gt: 2 } }], NOT: { c: [3, 4] } })
  await found({ NOT: [{ AND: [{ a: 1 }, { OR: [{ b: 2 }, { c: 3 }] }] }] })
  await found({ metadata: { category: 'food', address: { city: 'Paris', tags: ['x'] } } })
  await found({ metadata: { contains: 'food' } })
  await found({ created_at: undefined, category: undefined })

  // Read-only, kept, checked where they are written.
  await found({ OR: [{ a: 1 }, { b: ['x', 'y'] }] } as const)
  const kept: SearchOptions = { filters: { category: 'food' } }
  await memory.search('food', kept)
  await memory.getAll({ filters: { category: 'food', created_at: { gte: since } } satisfies MemoryFilter })
  await found({ priority: { gte: 3 } } satisfies Record<string, FilterCondition>)

  // Built step by step.
  const open: Record<string, unknown> = {}
  open['category'] = 'food'
  await found(open)
  const conditions: Record<string, FilterCondition> = { category: 'food' }
  conditions['priority'] = { gte: 3 }
  await found(conditions)
  const branches: MemoryFilter[] = tags.map((tag) => ({ tag }))
  branches.push({ created_at: { gte: since } })
  await found({ OR: branches })
  await found({ ...conditions, ...(tags.length > 0 && { tag: tags }) })

  // Of an interface, which has no index signature, and of a type of one's own.
  interface Chosen {
    category: string
    created_at?: { gte: Date }
  }
  const chosen: Chosen = { category: 'food' }
  await found(chosen)
  await found({ AND: [chosen] })
  type Own = { readonly category?: string | undefined; readonly OR?: readonly Chosen[] }
  const own: Own = {}
  await found(own)

  // Metadata, in the same ways.
  interface Note {
    topic: string
    at?: Date
    tags: readonly string[]
  }
  const note: Note = { topic: 'food', tags }
  const metadata: Metadata = note
  await memory.add('x', { metadata: note })
  await memory.add('x', { metadata: { ...note, nested: { list: [1, null] } } })
  await memory.add('x', { metadata: open })
  await memory.update('id', { metadata: record.metadata ?? {} })
  await memory.search('x', { metadata })
}

export async function refused(): Promise<void> {
  // @ts-expect-error there is no such operator
  await memory.search('x', { filters: { created_at: { after: '2026-12-01' } } })
  // @ts-expect-error nor with a "$"
  await memory.search('x', { filters: { AND: [{ run_id: { $in: ['r1'] } }] } })
  // @ts-expect-error a list
  await memory.search('x', { filters: { categories: { in: 'food' } } })
  // @ts-expect-error one value
  await memory.search('x', { filters: { created_at: { gte: ['2026-12-01'] } } })
  // @ts-expect-error a string
  await memory.search('x', { filters: { categories: { contains: 3 } } })
  // @ts-expect-error a list of filters
  await memory.search('x', { filters: { OR: { category: 'food' } } })
  // @ts-expect-error of filters
  await memory.search('x', { filters: { AND: ['food'] } })
  // @ts-expect-error a user is a string
  await memory.search('x', { filters: { user_id: 5 } })
  // @ts-expect-error also under AND
  await memory.search('x', { filters: { AND: [{ user_id: null }] } })
  // @ts-expect-error of the operators, eq and in name one user
  await memory.search('x', { filters: { user_id: { ne: 'u_bob' } } })
  // @ts-expect-error a filter is not a list
  await memory.search('x', { filters: [{ category: 'food' }] })
  // @ts-expect-error nor a text
  memory.list({ filters: 'food' })
  // @ts-expect-error checked where one asks for it
  await memory.getAll({ filters: { priority: { gtt: 3 } } satisfies Record<string, FilterCondition> })
  // @ts-expect-error metadata is a record
  await memory.add('x', { metadata: 'food' })
  // @ts-expect-error and not a list
  await memory.add('x', { metadata: ['food'] })
}
