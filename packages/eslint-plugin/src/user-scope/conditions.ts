import { listElements } from '../analysis/list-elements.ts'
import { keyName, memberName } from '../analysis/names.ts'
import type { Entry, Shapes } from '../analysis/object-shapes.ts'
import { literalString, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { callOf, memberUses } from '../analysis/variable-uses.ts'
import { variableOf } from '../analysis/variables.ts'
import { ofRelation } from './relation-filter.ts'
import { allOf, anyOf, noUser, oneUser, problem, type ScopeResult, unknownScope } from './scope-result.ts'
import { checkUserValue } from './user-value.ts'

const words = {
  conjunctions: ['AND', '$and', 'and'],
  disjunctions: ['OR', '$or', 'or'],
  negations: ['NOT', '$not', 'not'],
}
/** The words of filters whose conditions hold the key and the value apart. */
const wordsApart = {
  conjunctions: [...words.conjunctions, 'must'],
  disjunctions: [...words.disjunctions, 'should'],
  negations: [...words.negations, 'must_not'],
}

export interface ConditionsOptions {
  readonly sourceCode: SourceCode
  readonly shapes: Shapes
  /** Keys that name the user. */
  readonly userKeys: ReadonlySet<string>
  /** Keys that narrow a call without naming a user. */
  readonly otherKeys: ReadonlySet<string>
  /** Whether conditions hold the key and the value apart: `{ key: 'user_id', match: { value: userId } }`. */
  readonly apart?: boolean
  /** Whether a key may hold the conditions on a related record: `{ thread: { userId } }`. */
  readonly related?: boolean
  /** Called with each expression that stands where a user belongs. */
  readonly onUser: (id: Node) => void
}

export interface Conditions {
  /** The entries of one object, which hold together. `logic`: whether AND, OR and NOT mean anything among them. */
  readonly ofEntries: (entries: readonly Entry[], logic: boolean) => ScopeResult
  /** The conditions under one key of an object, with what is written to it afterwards. */
  readonly under: (key: string, entries: readonly Entry[]) => ScopeResult
  readonly ofFilter: (node: Node) => ScopeResult
}

/** Checks whether conditions, of mem0's filters and options, name exactly one user. */
export function createConditions(options: ConditionsOptions): Conditions {
  const { sourceCode, shapes, userKeys, otherKeys, onUser, apart = false, related = false } = options
  const { conjunctions, disjunctions, negations } = apart ? wordsApart : words
  const logical = new Set([...conjunctions, ...disjunctions, ...negations])
  const together = (results: readonly ScopeResult[]): ScopeResult =>
    allOf(results, (node) => sourceCode.getText(node))
  return { ofEntries, under, ofFilter }

  function under(key: string, entries: readonly Entry[]): ScopeResult {
    let result: ScopeResult = noUser
    const written: Entry[] = []
    for (const entry of entries) {
      if (entry.kind === 'unknown') result = result.kind === 'oneUser' ? result : unknownScope(entry.node)
      else if (entry.key === key) {
        const own = entry.opaque ? unknownScope(entry.value) : ofFilter(entry.value)
        result = entry.optional ? anyOf([result, own]) : own
      } else if (entry.key.startsWith(`${key}.`))
        written.push({ ...entry, key: entry.key.slice(key.length + 1) })
    }
    return written.length === 0 ? result : together([result, ofEntries(written, true)])
  }

  function ofFilter(node: Node): ScopeResult {
    if (unwrap(node).type === 'ArrayExpression') return ofList(node)
    return anyOf(
      shapes.of(node).map((shape): ScopeResult => {
        if (shape.kind === 'object') return ofCondition(shape.entries) ?? ofEntries(shape.entries, true)
        if (shape.kind === 'nothing') return noUser
        return shape.kind === 'unknown' ? unknownScope(shape.node) : problem('ignoredUser', shape.node)
      }),
    )
  }

  /** What `{ key: 'user_id', match: { value: userId } }` and `{ key: 'user_id', value: userId }` name. */
  function ofCondition(entries: readonly Entry[]): ScopeResult | undefined {
    if (!apart) return undefined
    const key = valueOf('key', entries)
    if (!key) return undefined
    // A key inside an object is a path: metadata.user_id.
    const name = literalString(unwrap(key))?.split('.').at(-1)
    if (name === undefined) return unknownScope(key)
    if (!userKeys.has(name)) return otherKeys.has(name) ? { kind: 'noUser', given: name } : noUser
    const match = valueOf('match', entries)
    const inner = match
      ? shapes.of(match).flatMap((shape) => (shape.kind === 'object' ? shape.entries : []))
      : entries
    const negated = valueOf('negate', entries)
    const value = valueOf('value', inner)
    const list = valueOf('any', inner)
    if (valueOf('except', inner) || (negated && sourceCode.getText(negated) !== 'false'))
      return problem('widenedFilter', key)
    if (list && unwrap(list).type !== 'ArrayExpression') return problem('severalUsers', list)
    const id = value ?? list
    if (!id) return unknownScope(key)
    onUser(id)
    return checkUserValue(id, sourceCode)
  }

  function ofEntries(entries: readonly Entry[], logic: boolean): ScopeResult {
    let user: ScopeResult = noUser
    const others: ScopeResult[] = []
    let given: string | undefined
    for (const entry of entries) {
      if (entry.kind === 'unknown') user = withUnknown(user, entry)
      else if (entry.opaque && logic && logical.has(entry.key)) {
        if (user.kind === 'noUser') user = unknownScope(entry.value)
      } else if (userKeys.has(entry.key)) user = withUser(user, entry)
      else if (logic && logical.has(entry.key)) {
        const result = ofLogical(entry.key, entry.value)
        if (result) others.push(result)
      } else if (otherKeys.has(entry.key)) given ??= entry.key
      else if (related && !entry.opaque) {
        const result = ofRelation(entry.key, entry.value, { shapes, userKeys, read: withKeys })
        if (result) others.push(result)
      }
    }
    const result = together([user, ...others])
    return result.kind === 'noUser' && given !== undefined
      ? { kind: 'noUser', given: result.given ?? given }
      : result
  }

  function withKeys(node: Node, more: readonly string[]): ScopeResult {
    return createConditions({ ...options, userKeys: new Set([...userKeys, ...more]) }).ofFilter(node)
  }

  /** What is known of the user once something of unknown keys is spread after it. */
  function withUnknown(user: ScopeResult, entry: Extract<Entry, { kind: 'unknown' }>): ScopeResult {
    const overrides = !entry.without?.some((key) => userKeys.has(key))
    if (user.kind === 'oneUser' && overrides) return problem('overridableUser', entry.node)
    return user.kind === 'noUser' ? unknownScope(entry.node) : user
  }

  /** What is known of the user once a key names one after what stood before. */
  function withUser(user: ScopeResult, entry: Extract<Entry, { kind: 'property' }>): ScopeResult {
    const { value, opaque, optional } = entry
    if (!opaque) onUser(value)
    const own = opaque ? oneUser(value) : checkUserValue(value, sourceCode)
    if (opaque && user.kind === 'oneUser' && user.ids[0] !== value) return problem('overridableUser', value)
    if (optional) return anyOf([user, own])
    return user.kind === 'oneUser' && own.kind === 'oneUser' ? together([user, own]) : own
  }

  function ofLogical(key: string, value: Node): ScopeResult | undefined {
    if (conjunctions.includes(key)) return ofList(value)
    if (disjunctions.includes(key)) return ofAlternatives(value)
    return ofList(value).kind === 'oneUser' ? problem('widenedFilter', value) : undefined
  }

  function ofList(node: Node): ScopeResult {
    const { items, open } = listElements(node, sourceCode)
    if (!items) return ofFilter(node)
    const result = together([...items, ...pushedUnder(node)].map(ofFilter))
    return result.kind === 'noUser' && open ? unknownScope(node) : result
  }

  /** What is pushed to a list in an object that a variable holds: `filter.must.push(…)`. */
  function pushedUnder(list: Node): readonly Node[] {
    const property = list.parent
    const holder = property?.parent
    const declarator = holder && outermost(holder).parent
    if (property?.type !== 'Property' || declarator?.type !== 'VariableDeclarator') return []
    const variable = declarator.id.type === 'Identifier' ? variableOf(sourceCode, declarator.id) : undefined
    const key = keyName(sourceCode, property)
    return (variable ? memberUses(variable) : []).flatMap((use): readonly Node[] => {
      const push = use.parent
      if (memberName(sourceCode, use) !== key || push.type !== 'MemberExpression') return []
      return memberName(sourceCode, push) === 'push' ? (callOf(push)?.arguments ?? []) : []
    })
  }

  function ofAlternatives(node: Node): ScopeResult {
    const { items, open } = listElements(node, sourceCode)
    if (!items || open) return unknownScope(node)
    const results = items.map(ofFilter)
    const has = (kind: ScopeResult['kind']): boolean => results.some((result) => result.kind === kind)
    if (results.length > 0 && results.every((result) => result.kind === 'oneUser')) return together(results)
    if (has('unknown')) return unknownScope(node)
    return has('oneUser') || has('problem') ? problem('widenedFilter', node) : together(results)
  }
}

/** What an object has under a key, when it is written out. */
function valueOf(key: string, entries: readonly Entry[]): Node | undefined {
  const found = entries.findLast((entry) => entry.kind === 'property' && entry.key === key)
  return found?.kind === 'property' && !found.opaque ? found.value : undefined
}

/** An expression with the casts around it. */
function outermost(node: Node): Node {
  let outer = node
  while (outer.parent && unwrap(outer.parent) === node) outer = outer.parent
  return outer
}
