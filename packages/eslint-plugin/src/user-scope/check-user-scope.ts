import type { Entry, Shape, Shapes } from '../analysis/object-shapes.ts'
import { type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import type { ClientMethod } from '../clients/client-calls.ts'
import type { Place, ScopedMethod } from '../clients/client-description.ts'
import { type Conditions, createConditions } from './conditions.ts'
import { createFilterReader } from './filters.ts'
import { allOf, anyOf, firstNamed, noUser, problem, type ScopeResult, unknownScope } from './scope-result.ts'
import { createUserPlaces, type PlacesReader } from './user-places.ts'

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
export function createUserScope(sourceCode: SourceCode, shapes: Shapes): UserScope {
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
    const { method, node, receivers } = call
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
    return firstNamed([bound, places.ofCall(method, call), ofMethod(call, places, onUser)])
  }

  function recordIds({ method, arguments: passed }: UsedMethod): readonly Node[] {
    const places = createUserPlaces({ sourceCode, shapes, onUser: () => undefined })
    const found: Node[] = []
    const fallback = method.kind === 'byId' ? firstArgument : []
    for (const { argument, at } of ('ids' in method ? method.ids : undefined) ?? fallback) {
      const given = passed?.[argument]
      if (!given || given.type === 'SpreadElement') continue
      places.under(given, at, (id) => {
        if (at !== '' || unwrap(id).type !== 'ObjectExpression') found.push(id)
        return noUser
      })
    }
    return found
  }

  /** What the kind of method adds to where it stands and to the places that hold an id. */
  function ofMethod(call: UsedMethod, places: PlacesReader, onUser: (id: Node) => void): ScopeResult {
    const { method } = call
    return method.kind === 'scoped' ? ofArguments(call, method, places, onUser) : noUser
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
    const userKeys = new Set(method.userKeys ?? client.userKeys)
    const otherKeys = new Set(client.otherKeys)
    const reading = { sourceCode, shapes, userKeys, otherKeys, onUser, apart: filter === 'conditions' }
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
