import type { Node } from '../analysis/syntax.ts'
import { unwrap } from '../analysis/syntax.ts'
import { isSetOnce } from '../analysis/variable-uses.ts'
import { initOf, variableOf } from '../analysis/variables.ts'
import type { FilterSyntax } from '../clients/client-description.ts'
import { ofBuilder } from './builder-filter.ts'
import { type Conditions, type ConditionsOptions, createConditions } from './conditions.ts'
import { ofExpression } from './expression-filter.ts'
import { type ScopeResult, unknownScope } from './scope-result.ts'
import { ofText } from './text-filter.ts'
import { ofTuple } from './tuple-filter.ts'

/** Says whom a filter names; `undefined` where it is not written in this syntax, but perhaps as an object. */
type Reader = (
  node: Node,
  options: ConditionsOptions,
  read: Conditions['ofFilter'],
) => ScopeResult | undefined

const readers: Readonly<Record<FilterSyntax, Reader | undefined>> = {
  keys: undefined,
  conditions: undefined,
  tuples: ofTuple,
  text: ofText,
  builder: ofBuilder,
  relations: undefined,
  expressions: ofExpression,
  // Each condition is a call of its own.
  calls: undefined,
}

/** A reader of filters in the syntax of one client. */
export function createFilterReader(syntax: FilterSyntax, options: ConditionsOptions): Conditions['ofFilter'] {
  const { ofFilter } = createConditions(options)
  const reader = readers[syntax]
  return reader ? read : ofFilter

  function read(node: Node): ScopeResult {
    const inner = unwrap(node)
    if (inner.type === 'Identifier') {
      const variable = variableOf(options.sourceCode, inner)
      const init = initOf(variable)
      if (variable && init && isSetOnce(variable)) return read(init)
    }
    // A type says nothing about a filter in another syntax: only metadata that is written out is read by its keys.
    return (
      reader?.(inner, options, read) ??
      (inner.type === 'ObjectExpression' ? ofFilter(node) : unknownScope(node))
    )
  }
}
