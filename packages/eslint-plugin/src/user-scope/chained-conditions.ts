import type { Evaluator } from '../analysis/abstract-value.ts'
import { type ChainedCall, chainedCalls } from '../analysis/chained-calls.ts'
import { keyName, lastName } from '../analysis/names.ts'
import { literalString, type Node, type SourceCode, unwrap, walk } from '../analysis/syntax.ts'
import type { ChainedMethod, ClientDescription } from '../clients/client-description.ts'
import { ofConditionCall } from './call-filter.ts'
import { type ConditionsOptions, createConditions } from './conditions.ts'
import { createFilterReader } from './filters.ts'
import { allOf, type ScopeResult, unknownScope } from './scope-result.ts'
import { ofRows } from './written-rows.ts'

/** Whom the calls name that are chained after one. */
export function ofChain(
  node: Node,
  method: ChainedMethod,
  { filter = 'keys' }: ClientDescription,
  options: ConditionsOptions,
  evaluator: Evaluator,
): ScopeResult {
  const { sourceCode, userKeys } = options
  const { calls, open } = chainedCalls(node, sourceCode)
  if (method.rows !== undefined) {
    const rows = calls.find(({ name }) => name === method.rows)?.node.arguments[0]
    return rows ? ofRows(rows, options, evaluator) : unknownScope(node)
  }
  const read = createFilterReader(filter, options)
  const asKeys = createConditions(options).ofFilter
  const result = allOf(calls.flatMap(ofCall), (id) => sourceCode.getText(id))
  return result.kind === 'noUser' && open ? unknownScope(node) : result

  function ofCall(call: ChainedCall): readonly ScopeResult[] {
    if (filter === 'calls') {
      const named = ofConditionCall(call, options, asKeys)
      return named ? [named] : []
    }
    const [first, on] = call.node.arguments
    if (call.name === 'where' && first) return [read(first)]
    // A join on the user's column makes a condition on the other table one on the user.
    return /join$/i.test(call.name) && on && mentionsUser(on) ? [unknownScope(on)] : []
  }

  function mentionsUser(on: Node): boolean {
    let found = false
    walk(sourceCode, on, (part) => {
      if (part.type === 'Identifier' && userKeys.has(part.name)) found = true
    })
    return found
  }
}

/** The ids of single records that the calls chained after one ask for: `.eq('id', id)`, `.where(eq(notes.id, id))`. */
export function recordIdsIn(
  node: Node,
  { idKeys = [], filter }: ClientDescription,
  sourceCode: SourceCode,
): readonly Node[] {
  const isId = (name: string | undefined): boolean => name !== undefined && idKeys.includes(name)
  return chainedCalls(node, sourceCode).calls.flatMap(({ name, node: call }): readonly Node[] => {
    const [column, value, third] = call.arguments
    if (!column) return []
    if (filter !== 'calls') return name === 'where' ? comparedIds(column) : []
    const isOfId = isId(literalString(unwrap(column)))
    if (name === 'eq' || name === 'in') return isOfId && value ? [value] : []
    if (name === 'filter') return isOfId && third && literalString(value) === 'eq' ? [third] : []
    return name === 'match' ? valuesIn(column) : []
  })

  function valuesIn(node: Node): readonly Node[] {
    const inner = unwrap(node)
    if (inner.type !== 'ObjectExpression') return []
    return inner.properties.flatMap((property) =>
      property.type === 'Property' && isId(keyName(sourceCode, property)) ? [property.value] : [],
    )
  }

  function comparedIds(condition: Node): readonly Node[] {
    const found: Node[] = []
    walk(sourceCode, condition, (part) => {
      if (part.type !== 'CallExpression' || !/^(eq|inArray)$/.test(lastName(sourceCode, part.callee) ?? ''))
        return
      const [column, value] = part.arguments
      if (column && value && isId(lastName(sourceCode, unwrap(column)))) found.push(value)
    })
    return found
  }
}
