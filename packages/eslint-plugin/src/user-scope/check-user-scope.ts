import type { Evaluator } from '../analysis/abstract-value.ts'
import type { Entry, Shape, Shapes } from '../analysis/object-shapes.ts'
import { type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import type { ClientMethod } from '../clients/client-calls.ts'
import type { ClientDescription, Place, ScopedMethod } from '../clients/client-description.ts'
import { ofChain, recordIdsIn } from './chained-conditions.ts'
import { type Conditions, type ConditionsOptions, createConditions } from './conditions.ts'
import { createFilterReader } from './filters.ts'
import { ofKeys } from './keyed-calls.ts'
import { allOf, anyOf, firstNamed, noUser, problem, type ScopeResult, unknownScope } from './scope-result.ts'
import { createUserPlaces, type PlacesReader } from './user-places.ts'
import { ownerOf } from './user-tables.ts'
import { ofRows } from './written-rows.ts'

/** A method of a client where it is used, with its arguments when it is called there and they are written out. */
export interface UsedMethod extends ClientMethod {
  readonly arguments: readonly Node[] | undefined
  readonly node: Node
}

interface UserScope {
  /** The ids of records that a call takes in place of conditions, as they are written. */
  readonly recordIds: (used: UsedMethod) => readonly Node[]
  /** Whether a call is for exactly one user, by its arguments or by what it is called on. */
  readonly check: (call: UsedMethod) => ScopeResult
  /** The expressions that a call gives as a user, whatever they come to. */
  readonly ids: (call: UsedMethod) => readonly Node[]
}

/** Checks the calls of one file. */
export function createUserScope(sourceCode: SourceCode, shapes: Shapes, evaluator: Evaluator): UserScope {
  return {
    check: (call) => checkCall(call, () => undefined),
    ids(call) {
      const ids = new Set<Node>()
      checkCall(call, (id) => ids.add(id))
      return [...ids]
    },
    recordIds,
  }

  function checkCall(call: UsedMethod, onUser: (id: Node) => void): ScopeResult {
    const { client, method, node, receivers } = call
    const owner = ownerOf(call, sourceCode, evaluator)
    if (owner === 'others') return { kind: 'notOfUsers' }
    if (owner === 'unknown') return unknownScope(node)
    const places = createUserPlaces({ sourceCode, shapes, onUser })
    const bound = anyOf(
      receivers.map(({ way, isOpen }) =>
        firstNamed([
          ...way.map((step) =>
            places.ofCall(step.method, { arguments: step.call.arguments, node: step.call }),
          ),
          ...(isOpen ? [unknownScope(node)] : []),
        ]),
      ),
    )
    const result = firstNamed([bound, places.ofCall(method, call), ofMethod(call, places, onUser)])
    // What is spread into a record or a condition of a database is seldom the column of the user.
    const isSpread = result.kind === 'problem' && result.problem === 'overridableUser'
    return isSpread && client.tables !== undefined ? unknownScope(result.node) : result
  }

  function recordIds({ client, method, node, arguments: passed }: UsedMethod): readonly Node[] {
    if (method.kind === 'chained') return recordIdsIn(node, client, sourceCode)
    const places = createUserPlaces({ sourceCode, shapes, onUser: () => undefined })
    const found: Node[] = []
    const fallback = method.kind === 'byId' ? firstArgument : []
    for (const { argument, at } of ('ids' in method ? method.ids : undefined) ?? fallback) {
      const given = passed?.[argument]
      if (!given || given.type === 'SpreadElement') continue
      places.under(given, at, (id) => {
        const listed = shapes
          .of(id)
          .flatMap(entriesOf)
          .find((entry) => entry.kind === 'property' && entry.key === 'in')
        if (listed?.kind === 'property') found.push(listed.value)
        else if (at !== '' || unwrap(id).type !== 'ObjectExpression') found.push(id)
        return noUser
      })
    }
    return found
  }

  /** What the kind of method adds to where it stands and to the places that hold an id. */
  function ofMethod(call: UsedMethod, places: PlacesReader, onUser: (id: Node) => void): ScopeResult {
    const { arguments: passed, client, method, node } = call
    switch (method.kind) {
      case 'scoped':
        return ofArguments(call, method, places, onUser)
      case 'rows': {
        const rows = passed?.[method.argument]
        if (!rows || rows.type === 'SpreadElement') return unknownScope(node)
        const options = readingOf(client, client.userKeys, onUser)
        return named(
          places.under(rows, method.at, (value) => ofRows(value, options, evaluator)),
          node,
        )
      }
      case 'chained':
        return named(
          ofChain(node, method, client, readingOf(client, client.userKeys, onUser), evaluator),
          node,
        )
      case 'keyed':
        return named(ofKeys(method, call, { sourceCode, evaluator, onUser }), node)
      default:
        return noUser
    }
  }

  function readingOf(
    { filter, otherKeys }: ClientDescription,
    userKeys: readonly string[],
    onUser: (id: Node) => void,
  ): ConditionsOptions {
    return {
      sourceCode,
      shapes,
      userKeys: new Set(userKeys),
      otherKeys: new Set(otherKeys),
      onUser,
      apart: filter === 'conditions',
      related: filter === 'relations',
    }
  }

  function ofArguments(
    { arguments: passed, client, node }: UsedMethod,
    method: ScopedMethod,
    places: PlacesReader,
    onUser: (id: Node) => void,
  ): ScopeResult {
    const { argument, at = [] } = method
    if (argument === undefined) return problem('missingUser', node)
    if (!passed) return unknownScope(node)
    const spread = passed.slice(0, argument + 1).find(({ type }) => type === 'SpreadElement')
    if (spread) return unknownScope(spread)
    const { filter = 'keys' } = client
    const reading = readingOf(client, method.userKeys ?? client.userKeys, onUser)
    const { otherKeys, userKeys } = reading
    const ofFilter = createFilterReader(filter, reading)
    const options = passed[argument]
    const isOption = (path: string): boolean => filter === 'keys' && !/[.[]/.test(path)
    const result = options
      ? firstNamed([
          ...at.filter((path) => !isOption(path)).map((path) => places.under(options, path, ofFilter)),
          ofOptions(options, at.filter(isOption), createConditions(reading), otherKeys),
        ])
      : noUser
    if (result.kind !== 'noUser') return result
    const misplaced = passed
      .slice(0, argument)
      .find((other) => shapes.of(other).some((shape) => keyIn(entriesOf(shape), userKeys)))
    if (misplaced) return problem('ignoredUser', misplaced)
    return result.given === undefined
      ? problem('missingUser', options ?? node)
      : problem('otherScope', options ?? node, result.given)
  }

  /** What an argument names by the keys of mem0's options and filters. */
  function ofOptions(
    node: Node,
    at: readonly string[],
    conditions: Conditions,
    otherKeys: ReadonlySet<string>,
  ): ScopeResult {
    if (at.length === 0) return noUser
    return anyOf(shapes.of(node).map((shape) => ofShape(shape, at, conditions, otherKeys)))
  }

  function ofShape(
    shape: Shape,
    at: readonly string[],
    conditions: Conditions,
    otherKeys: ReadonlySet<string>,
  ): ScopeResult {
    switch (shape.kind) {
      case 'nothing':
        return noUser
      case 'primitive':
        return problem('ignoredUser', shape.node)
      case 'unknown':
        return looksLikeId(shape.node) ? problem('ignoredUser', shape.node) : unknownScope(shape.node)
    }
    const { entries } = shape
    const places = at.map((place) =>
      place === '' ? conditions.ofEntries(entries, false) : conditions.under(place, entries),
    )
    const result = allOf(places, (id) => sourceCode.getText(id))
    if (result.kind !== 'noUser') return result
    const ignored = at.includes('filters') ? undefined : misplacedFilter(entries, conditions)
    if (ignored) return problem('ignoredUser', ignored)
    return { kind: 'noUser', given: result.given ?? keyIn(entries, otherKeys) }
  }
}

const firstArgument: readonly Place[] = [{ argument: 0, at: '' }]

/** What a call has to name, where it names nobody. */
const named = (result: ScopeResult, node: Node): ScopeResult =>
  result.kind === 'noUser' ? problem('missingUser', node) : result

/** A user in a filter that the method does not read. */
function misplacedFilter(entries: readonly Entry[], conditions: Conditions): Node | undefined {
  const filter = entries.find((entry) => entry.kind === 'property' && entry.key === 'filters')
  if (filter?.kind !== 'property') return undefined
  return conditions.ofFilter(filter.value).kind === 'oneUser' ? filter.value : undefined
}

const entriesOf = (shape: Shape): readonly Entry[] => (shape.kind === 'object' ? shape.entries : [])

/** The first of some keys that an object has. */
function keyIn(entries: readonly Entry[], keys: ReadonlySet<string>): string | undefined {
  for (const entry of entries) if (entry.kind === 'property' && keys.has(entry.key)) return entry.key
  return undefined
}

/** `userId`, `user.id`: an id where the options belong. */
function looksLikeId(node: Node): boolean {
  const name = node.type === 'MemberExpression' ? node.property : node
  return name.type === 'Identifier' && /^(u?id|sub)$|user_?id$/i.test(name.name)
}
