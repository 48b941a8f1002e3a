import { tableNames } from '../../src/postgres/table-names.ts'

/** The tables that the openings are in, with two partitions each. */
export const TABLES = tableNames('guarded')

/** Ways to take the policies of tables out, or around them. `app` and `other` are roles, of which the first asks. */
export function openings(app: string, other: string): readonly (readonly [string, string])[] {
  const mine = `user_id = current_setting('scoped_memory.user_id', true)`
  return [
    ...Object.values(TABLES as unknown as Record<string, string>).flatMap((table): [string, string][] => [
      [`row-level security is off on ${table}`, `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`],
      [`its owner may pass, on ${table}`, `ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`],
      [`the policy of ${table} is gone`, `DROP POLICY scoped_memory_user ON ${table}`],
    ]),
    ['a policy lets everything be read', `ALTER POLICY scoped_memory_user ON guarded USING (true)`],
    [
      'a policy lets everything be written',
      `ALTER POLICY scoped_memory_user ON guarded_history WITH CHECK (true)`,
    ],
    [
      'a policy falls back to all rows without a user',
      `ALTER POLICY scoped_memory_user ON guarded USING (${mine} OR current_setting('scoped_memory.user_id', true) = '')`,
    ],
    ['a policy is for one role', `ALTER POLICY scoped_memory_user ON guarded TO ${other}`],
    [
      'a policy is for reading',
      `DROP POLICY scoped_memory_user ON guarded; CREATE POLICY scoped_memory_user ON guarded FOR SELECT USING (${mine})`,
    ],
    [
      'a policy is restrictive',
      `DROP POLICY scoped_memory_user ON guarded; CREATE POLICY scoped_memory_user ON guarded AS RESTRICTIVE USING (${mine}) WITH CHECK (${mine})`,
    ],
    [
      'a policy calls a function of the same name',
      `CREATE OR REPLACE FUNCTION public.current_setting(text, boolean) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
       ALTER POLICY scoped_memory_user ON guarded USING (user_id = public.current_setting('scoped_memory.user_id', true))
         WITH CHECK (user_id = public.current_setting('scoped_memory.user_id', true))`,
    ],
    ['another policy is for all', `CREATE POLICY everybody ON guarded_entities USING (true)`],
    [
      'another policy is for this role',
      `CREATE POLICY "All of it" ON guarded FOR SELECT TO ${app} USING (true)`,
    ],
    [
      'two other policies are there',
      `CREATE POLICY one ON guarded FOR SELECT USING (true); CREATE POLICY two ON guarded FOR DELETE USING (true)`,
    ],
    ['a partition has no policy', `DROP POLICY scoped_memory_user ON guarded_p1`],
    ['a partition has row-level security off', `ALTER TABLE guarded_history_p0 DISABLE ROW LEVEL SECURITY`],
  ]
}

/** What is as good as the policies alone. */
export function harmless(other: string): readonly (readonly [string, string, string])[] {
  return [
    [
      'a restrictive policy that allows less',
      `CREATE POLICY less ON guarded AS RESTRICTIVE USING (payload ->> 'agent_id' IS NULL)`,
      'DROP POLICY less ON guarded',
    ],
    [
      'a policy for another role',
      `CREATE POLICY auditors ON guarded FOR SELECT TO ${other} USING (true)`,
      'DROP POLICY auditors ON guarded',
    ],
  ]
}

/** The SQL that an error tells one to run. */
export function mendingSql(message: string): string {
  const [, sql] = /(?:Run|run)(?:, as the owner)?: (.*)$/.exec(message) ?? []
  if (sql === undefined) throw new Error(`No SQL in: ${message}`)
  return sql
}
