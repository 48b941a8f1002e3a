import type { Node } from '../analysis/syntax.ts'
import type { FilterSyntax } from '../clients/client-description.ts'
import { type Conditions, type ConditionsOptions, createConditions } from './conditions.ts'
import { type ScopeResult, unknownScope } from './scope-result.ts'

/** Says whom a filter names; where it is not written in its own syntax, as an object of keys is read. */
type FilterReader = (node: Node, options: ConditionsOptions, asKeys: Conditions['ofFilter']) => ScopeResult

const readers: Readonly<Record<FilterSyntax, FilterReader>> = {
  keys: (node, _, asKeys) => asKeys(node),
  conditions: (node, _, asKeys) => asKeys(node),
  tuples: (node) => unknownScope(node),
  text: (node) => unknownScope(node),
  builder: (node) => unknownScope(node),
}

/** A reader of filters in the syntax of one client. */
export function createFilterReader(syntax: FilterSyntax, options: ConditionsOptions): Conditions['ofFilter'] {
  const { ofFilter } = createConditions(options)
  return (node) => readers[syntax](node, options, ofFilter)
}
