import type { ClientDescription, Method } from '../client-description.ts'

const chained: Method = { kind: 'chained' }
const rows: Method = { kind: 'rows', argument: 0, at: '' }

/** Supabase with a key that row-level security does not hold: the tables that have the user's column. */
export const supabase: ClientDescription = {
  modules: ['@supabase/supabase-js'],
  classes: ['SupabaseClient'],
  factories: ['createClient'],
  userKeys: ['user_id', 'userId'],
  filter: 'calls',
  tables: 'byColumn',
  columnsAt: ['Row'],
  idKeys: ['id'],
  builtWith: 'service|secret|admin',
  methods: {
    from: { kind: 'part', part: 'Table', table: { argument: 0, at: '' } },
    schema: { kind: 'part', part: 'Schema' },
  },
  parts: {
    Schema: { methods: { from: { kind: 'part', part: 'Table', table: { argument: 0, at: '' } } } },
    Table: {
      classes: ['PostgrestQueryBuilder'],
      methods: { select: chained, update: chained, delete: chained, insert: rows, upsert: rows },
    },
  },
}
