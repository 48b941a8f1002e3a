import type { Evaluator } from '../analysis/abstract-value.ts'
import { listElements } from '../analysis/list-elements.ts'
import { memberName } from '../analysis/names.ts'
import { type Node, returned, unwrap } from '../analysis/syntax.ts'
import { type ConditionsOptions, createConditions } from './conditions.ts'
import { anyOf, type ScopeResult, unknownScope } from './scope-result.ts'

/** Whom the records that a call writes name: one, a list of them, or what `map` makes of a list. */
export function ofRows(node: Node, options: ConditionsOptions, evaluator: Evaluator): ScopeResult {
  const { sourceCode, shapes } = options
  const { ofEntries } = createConditions(options)
  return ofValue(node)

  function ofValue(value: Node): ScopeResult {
    const { items, open } = listElements(value, sourceCode)
    if (items) return items.length === 0 || open ? unknownScope(value) : anyOf(items.map(ofRow))
    const inner = unwrap(value)
    if (inner.type !== 'CallExpression' || inner.callee.type !== 'MemberExpression') return ofRow(value)
    if (memberName(sourceCode, inner.callee) !== 'map' || !inner.arguments[0]) return ofRow(value)
    const rows = evaluator.functionsOf(inner.arguments[0]).flatMap((fn) => returned(sourceCode, fn))
    return rows.length === 0 ? unknownScope(value) : anyOf(rows.map(ofRow))
  }

  function ofRow(row: Node): ScopeResult {
    return anyOf(
      shapes
        .of(row)
        .map((shape) =>
          shape.kind === 'object' ? ofEntries(shape.entries, false) : unknownScope(shape.node),
        ),
    )
  }
}
