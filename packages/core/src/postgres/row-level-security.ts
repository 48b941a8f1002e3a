import { UnsafeBackendError } from '../errors.ts'
import type { Query, Statement } from './database.ts'
import { quoted, tableList, type TableNames } from './table-names.ts'

/** The setting of a transaction that says whose rows it may see and write. */
const USER_SETTING = 'scoped_memory.user_id'

const POLICY = 'scoped_memory_user'
/**
 * What a policy says, as Postgres prints it. Not a bare equation, which the planner would merge with that of a statement,
 * and then send neither to the server of a foreign partition: it would read every user's rows there.
 */
const CONDITION = `COALESCE((user_id = current_setting('${USER_SETTING}'::text, true)), false)`

/** Names the user to the policies, until the end of the transaction. */
export function actAs(userId: string): Statement {
  return { text: `SELECT set_config('${USER_SETTING}', $1, true)`, values: [userId], prepared: true }
}

/** The statements that turn row-level security on for a table, its owner included, with one policy: the own rows. */
export function securityOf(table: string): string[] {
  return [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
    `DROP POLICY IF EXISTS ${POLICY} ON ${table}`,
    `CREATE POLICY ${POLICY} ON ${table} USING (${CONDITION}) WITH CHECK (${CONDITION})`,
  ]
}

/**
 * Makes sure that the policies hold for the role of this connection.
 *
 * @param tables of which each has to have them, with all partitions
 * @throws UnsafeBackendError with the SQL that mends it
 */
export async function requireRowLevelSecurity(query: Query, tables: TableNames): Promise<void> {
  await requireBoundRole(query, tables)
  await requireNoUser(query)
  const openings = await openingsOf(query, tables)
  if (openings.length === 0) return
  const problems = openings.map(
    ({ table, kind }) => `${table} ${kind === 'foreign' ? 'has no policies here' : 'lets more rows through'}`,
  )
  const [{ role }] = (await query('SELECT current_user::text AS role', [])) as [{ role: string }]
  const mend = openings.flatMap(({ table, kind, others }) =>
    kind === 'foreign'
      ? [`REVOKE ALL ON ${table} FROM PUBLIC, ${quoted(role)}`]
      : [
          ...others.map((policy) => `DROP POLICY ${quoted(policy)} ON ${table}`),
          ...(kind === 'unprotected' ? securityOf(table) : []),
        ],
  )
  throw new UnsafeBackendError(
    `rowLevelSecurity: ${problems.join(', ')}. A policy is missing, changed, not forced, or widened by another one. ` +
      `Run, as the owner: ${asScript(mend)}`,
  )
}

/** The tables, with their partitions, that do not have the policy, or do not have it forced. */
export async function unprotectedTables(query: Query, tables: TableNames): Promise<string[]> {
  const openings = await openingsOf(query, tables)
  return openings.filter(({ kind }) => kind === 'unprotected').map(({ table }) => table)
}

/** A table through which the role gets past the policy. */
interface Opening {
  readonly table: string
  /** `foreign`: no policy can be had here; `widened`: the policy is there, beside others. */
  readonly kind: 'unprotected' | 'widened' | 'foreign'
  /** Other permissive policies for the role, each of which lets more through. */
  readonly others: readonly string[]
}

async function openingsOf(query: Query, tables: TableNames): Promise<Opening[]> {
  return (await query(OPENINGS, [tableList(tables), POLICY, CONDITION])) as unknown as Opening[]
}

async function requireBoundRole(query: Query, tables: TableNames): Promise<void> {
  const [found] = await query(PASSING_ROLE, [])
  if (found === undefined) return
  const { name, passes, isSuperuser, revokes } = found as unknown as PassingRole
  const reason = isSuperuser ? 'is a superuser' : 'has BYPASSRLS'
  const who =
    name === passes ? `"${name}" ${reason}` : `"${name}" is a member of "${passes}", which ${reason}`
  const mend =
    name !== passes
      ? `Run: ${asScript(revokes)}`
      : isSuperuser
        ? `Connect as another role: ${asScript([
            "CREATE ROLE app LOGIN PASSWORD '…'",
            `GRANT SELECT, INSERT, UPDATE, DELETE ON ${tableList(tables).join(', ')} TO app`,
          ])}`
        : `Run: ${asScript([`ALTER ROLE ${quoted(name)} NOBYPASSRLS`])}`
  throw new UnsafeBackendError(`rowLevelSecurity: the role ${who}, and so passes over every policy. ${mend}`)
}

interface PassingRole {
  /** The role of the connection, or that of its session. */
  readonly name: string
  /** The role that passes over policies: that one, or one that it is a member of. */
  readonly passes: string
  readonly isSuperuser: boolean
  /** What ends the memberships. */
  readonly revokes: readonly string[]
}

/** A user set for every session would be everybody's. */
async function requireNoUser(query: Query): Promise<void> {
  const [found] = await query(PRESET_USER, [])
  if (found === undefined) return
  throw new UnsafeBackendError(
    `rowLevelSecurity: connections begin with ${USER_SETTING} set, so statements without a user would have one. ` +
      `Take it out of what configures them (the connection string, the pool, postgresql.conf), or run: ${asScript(
        found['resets'] as string[],
      )}`,
  )
}

function asScript(statements: readonly string[]): string {
  return statements.map((statement) => `${statement};`).join(' ')
}

const PASSING_ROLE = `
  SELECT own.rolname::text AS name, passing.rolname::text AS passes, to_json(passing.rolsuper) AS "isSuperuser",
    to_json(ARRAY(
      SELECT format('REVOKE %I FROM %I', granted.rolname, own.rolname)
      FROM pg_auth_members JOIN pg_roles granted ON granted.oid = roleid
      WHERE member = own.oid AND pg_has_role(granted.oid, passing.oid, 'MEMBER'))) AS revokes
  FROM pg_roles own
  JOIN pg_roles passing ON (passing.rolsuper OR passing.rolbypassrls) AND pg_has_role(own.oid, passing.oid, 'MEMBER')
  WHERE own.rolname IN (current_user, session_user)
  ORDER BY passing.oid = own.oid DESC, own.rolname = current_user DESC
  LIMIT 1`

const PRESET_USER = `
  SELECT to_json(ARRAY[
    format('ALTER ROLE %I RESET ${USER_SETTING}', session_user),
    format('ALTER DATABASE %I RESET ${USER_SETTING}', current_database()),
    format('ALTER ROLE %I IN DATABASE %I RESET ${USER_SETTING}', session_user, current_database())]) AS resets
  WHERE current_setting('${USER_SETTING}', true) <> ''`

/**
 * Tables and their partitions without the policy, not forced, or with another permissive policy for the role. A policy
 * that depends on anything but its table calls a function that is not Postgres's own, whatever it prints as.
 *
 * A foreign partition has no policies: through its table it is asked with that one's, but not by its own name.
 */
const OPENINGS = `
  WITH RECURSIVE tables AS (
    SELECT to_regclass(name)::oid AS oid FROM unnest($1::text[]) name
    UNION
    SELECT inhrelid FROM pg_inherits JOIN tables ON inhparent = oid),
  checked AS (
    SELECT format('%I.%I', nspname, relname) AS table, relkind = 'f' AS is_foreign,
      relrowsecurity AND relforcerowsecurity AND EXISTS (
        SELECT FROM pg_policy WHERE polrelid = c.oid AND polname = $2 AND polpermissive AND polcmd = '*' AND polroles = '{0}'
          AND pg_get_expr(polqual, polrelid) = $3 AND pg_get_expr(polwithcheck, polrelid) = $3
          AND NOT EXISTS (
            SELECT FROM pg_depend
            WHERE classid = 'pg_policy'::regclass AND objid = pg_policy.oid AND refobjid <> polrelid)) AS is_protected,
      ARRAY(
        SELECT polname::text FROM pg_policy
        WHERE polrelid = c.oid AND polpermissive AND polname <> $2 AND EXISTS (
          SELECT FROM unnest(polroles) AS grantee WHERE CASE grantee WHEN 0 THEN true
            ELSE pg_has_role(current_user, grantee, 'MEMBER') OR pg_has_role(session_user, grantee, 'MEMBER') END)) AS others,
      has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(c.oid, 'DELETE') AS is_reachable
    FROM tables JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = relnamespace)
  SELECT "table", CASE WHEN is_foreign THEN 'foreign' WHEN is_protected THEN 'widened' ELSE 'unprotected' END AS kind,
    to_json(others) AS others
  FROM checked
  WHERE CASE WHEN is_foreign THEN is_reachable ELSE NOT is_protected OR cardinality(others) > 0 END
  ORDER BY 1`
