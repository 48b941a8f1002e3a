import { UnsafeBackendError } from '../errors.ts'
import { type TableNames } from './table-names.ts'

/** The setting of a transaction that says whose rows it may see and write. */
export const USER_SETTING = 'scoped_memory.user_id'

const POLICY = 'scoped_memory_user'
/**
 * What a policy says, as Postgres prints it. Not a bare equation, which the planner would merge with that of a statement,
 * and then send neither to the server of a foreign partition: it would read every user's rows there.
 */
const CONDITION = `COALESCE((user_id = current_setting('${USER_SETTING}'::text, true)), false)`

/** The statements that turn row-level security on for a table, its owner included, with one policy: the own rows. */
export function securityOf(table: string): string[] {
  return [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
    `DROP POLICY IF EXISTS ${POLICY} ON ${table}`,
    `CREATE POLICY ${POLICY} ON ${table} USING (${CONDITION}) WITH CHECK (${CONDITION})`,
  ]
}

/** What runs a query and gives its rows. */
export type Query = (sql: string, values: readonly unknown[]) => Promise<Record<string, unknown>[]>

/**
 * Makes sure that the policies hold for the role of this connection.
 *
 * @param tables of which each has to have them, with all partitions that the role could reach
 * @throws UnsafeBackendError with the SQL that mends it
 */
export async function requireRowLevelSecurity(query: Query, tables: TableNames): Promise<void> {
  const [role] = await query(ROLE, [])
  const { name, passes } = role as { name: string; passes: string | null }
  if (passes !== null) {
    throw new UnsafeBackendError(
      `rowLevelSecurity: the role "${name}" can pass over every policy, since it is${name === passes ? '' : ` a member of "${passes}", which is`} a superuser or has BYPASSRLS. ` +
        "Connect as a role that is neither: CREATE ROLE app LOGIN PASSWORD '…'; then run setUpPostgres({ …, role: 'app', rowLevelSecurity: true }).",
    )
  }
  const unprotected = await unprotectedTables(query, tables)
  if (unprotected.length === 0) return
  const mend = unprotected.flatMap(({ table, others }) => [
    ...(others === null ? [] : [`DROP POLICY ${others} ON ${table}`]),
    ...securityOf(table),
  ])
  throw new UnsafeBackendError(
    `rowLevelSecurity: the policies of ${unprotected.map(({ table }) => table).join(', ')} are missing, changed, not ` +
      'forced, or widened by another one. Run, as the owner, setUpPostgres({ …, rowLevelSecurity: true }), or: ' +
      mend.map((statement) => `${statement};`).join(' '),
  )
}

/** Whether each table has its policy, forced, and no other that lets more through. */
export async function isProtected(query: Query, tables: TableNames): Promise<boolean> {
  return (await unprotectedTables(query, tables)).length === 0
}

async function unprotectedTables(query: Query, tables: TableNames): Promise<UnprotectedTable[]> {
  const names = Object.values(tables as unknown as Record<string, string>)
  return (await query(UNPROTECTED, [names, POLICY, CONDITION])) as unknown as UnprotectedTable[]
}

interface UnprotectedTable {
  readonly table: string
  /** Other policies, which let more through. */
  readonly others: string | null
}

/** The role, also that of the session, and what lets it pass over policies. */
const ROLE = `
  SELECT current_user::text AS name,
    (SELECT rolname::text FROM pg_roles
     WHERE (rolsuper OR rolbypassrls)
       AND (pg_has_role(current_user, oid, 'MEMBER') OR pg_has_role(session_user, oid, 'MEMBER'))
     ORDER BY rolname <> current_user LIMIT 1) AS passes`

/**
 * Tables without the policy, with another permissive one, or not forced; partitions too, where the role may use them by
 * their own name. A foreign table has no policies: there it is the server behind it that keeps users apart.
 */
const UNPROTECTED = `
  WITH RECURSIVE tables AS (
    SELECT to_regclass(name)::oid AS oid, true AS is_named FROM unnest($1::text[]) name
    UNION ALL
    SELECT inhrelid, false FROM pg_inherits JOIN tables ON inhparent = oid)
  SELECT c.oid::regclass::text AS table, (
      SELECT string_agg(quote_ident(polname), ', ') FROM pg_policy
      WHERE polrelid = c.oid AND polpermissive AND polname <> $2) AS others
  FROM tables JOIN pg_class c USING (oid)
  WHERE c.relkind IN ('r', 'p')
    AND (is_named OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE'))
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity
      AND EXISTS (
        SELECT FROM pg_policy WHERE polrelid = c.oid AND polname = $2 AND polcmd = '*' AND polroles = '{0}'
          AND pg_get_expr(polqual, polrelid) = $3 AND pg_get_expr(polwithcheck, polrelid) = $3)
      AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid AND polpermissive AND polname <> $2))
  ORDER BY 1`
