import type { Evaluator } from '../analysis/abstract-value.ts'
import { type ChainedCall, chainedCalls } from '../analysis/chained-calls.ts'
import { keyName, lastName } from '../analysis/names.ts'
import { literalString, type Node, returned, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { typeColumns } from '../analysis/type-columns.ts'
import { initOf, variableOf } from '../analysis/variables.ts'
import type { ClientMethod } from '../clients/client-calls.ts'
import type { ChainedMethod, ClientDescription } from '../clients/client-description.ts'
import { isKeyOf } from './key-names.ts'
import { keysOf } from './keyed-calls.ts'

interface Used extends ClientMethod {
  readonly arguments: readonly Node[] | undefined
  readonly node: Node
}

/** A table that a call is about: its name where it is known, and the expression whose type tells its columns. */
interface Table {
  readonly name?: string | undefined
  readonly node: Node
}

/** Whether what a call is about belongs to users: `unknown` where the code does not show what that is. */
export function ownerOf(
  used: Used,
  sourceCode: SourceCode,
  evaluator: Evaluator,
): 'users' | 'others' | 'unknown' {
  const { client, method } = used
  const { tables } = client
  if (tables === undefined || method.kind === 'projectWide') return 'users'
  if (tables === 'byColumn')
    return tablesOf(used, sourceCode).some((table) => hasUser(table, client, sourceCode)) ? 'users' : 'others'
  const keys = method.kind === 'keyed' ? keysOf(method, used.arguments) : undefined
  if (keys === 'all') return 'users'
  const matches = keys
    ? keys.map((key) => isKeyOf(key, tables, { sourceCode, evaluator }))
    : tablesOf(used, sourceCode).map(({ name }) => (name === undefined ? undefined : isListed(name, tables)))
  if (matches.includes(true)) return 'users'
  return matches.length === 0 || matches.includes(undefined) ? 'unknown' : 'others'
}

const isListed = (name: string, tables: readonly string[]): boolean =>
  tables.some((table) => table.toLowerCase() === name.toLowerCase())

function tablesOf(
  { method, arguments: passed, node, receivers }: Used,
  sourceCode: SourceCode,
): readonly Table[] {
  if (method.kind === 'chained' && method.table !== undefined) {
    const found = namedTable(method.table, passed, node, sourceCode)
    return found.map((table) => ({ name: lastName(sourceCode, unwrap(table)), node: table }))
  }
  const callee = node.type === 'CallExpression' ? unwrap(node.callee) : node
  const holder = callee.type === 'MemberExpression' ? callee.object : callee
  return receivers.flatMap(({ table, way }): readonly Table[] => {
    if (table !== undefined) return [{ name: table, node: holder }]
    const step = way.findLast(({ method: { table: place } }) => place)
    const place = step?.method.table
    return step && place
      ? [{ name: literalString(step.call.arguments[place.argument]), node: step.call }]
      : []
  })
}

function namedTable(
  table: NonNullable<ChainedMethod['table']>,
  passed: readonly Node[] | undefined,
  node: Node,
  sourceCode: SourceCode,
): readonly Node[] {
  if (typeof table !== 'string') return passed?.slice(table.argument, table.argument + 1) ?? []
  const isTable = ({ name }: ChainedCall): boolean => name === table || /join$/i.test(name)
  return chainedCalls(node, sourceCode)
    .calls.filter(isTable)
    .flatMap((call) => call.node.arguments.slice(0, 1))
}

function hasUser(
  { node }: Table,
  { userKeys, columnsAt = [] }: ClientDescription,
  sourceCode: SourceCode,
): boolean {
  const columns = columnsDeclared(node, sourceCode) ?? typeColumns(node, columnsAt, sourceCode) ?? []
  return userKeys.some((key) => columns.includes(key))
}

/** The columns of `pgTable('memories', { … })`, where the table is declared in the file. */
function columnsDeclared(node: Node, sourceCode: SourceCode): readonly string[] | undefined {
  const inner = unwrap(node)
  const init = inner.type === 'Identifier' ? initOf(variableOf(sourceCode, inner)) : undefined
  if (init?.type !== 'CallExpression' || !/Table$/.test(lastName(sourceCode, init.callee) ?? ''))
    return undefined
  const given = init.arguments[1]
  const [columns] = given?.type === 'ArrowFunctionExpression' ? returned(sourceCode, given) : [given]
  if (columns?.type !== 'ObjectExpression') return undefined
  return columns.properties.flatMap((property) =>
    property.type === 'Property' ? (keyName(sourceCode, property) ?? []) : [],
  )
}
