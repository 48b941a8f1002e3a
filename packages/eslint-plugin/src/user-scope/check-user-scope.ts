import type { Entry, Shape, Shapes } from '../analysis/object-shapes.ts'
import type { Node, SourceCode } from '../analysis/syntax.ts'
import type { ClientCall } from '../clients/client-calls.ts'
import type { ScopedMethod } from '../clients/client-description.ts'
import { type Conditions, createConditions } from './conditions.ts'
import { allOf, anyOf, noUser, problem, type ScopeResult, unknownScope } from './scope-result.ts'

/** A call of a method whose arguments say whose memory it is about. */
export interface ScopedCall extends Pick<ClientCall, 'client' | 'arguments' | 'node'> {
  readonly method: ScopedMethod
}

interface UserScope {
  /** Whether the arguments of a call name exactly one user. */
  readonly check: (call: ScopedCall) => ScopeResult
  /** The expressions that the arguments give as a user, whatever they come to. */
  readonly ids: (call: ScopedCall) => readonly Node[]
}

/** Whether a call is of a method whose arguments say whose memory it is about. */
export const isScopedCall = (call: ClientCall): call is ClientCall & ScopedCall =>
  call.method.kind === 'scoped'

/** Checks the calls of one file. */
export function createUserScope(sourceCode: SourceCode, shapes: Shapes): UserScope {
  return {
    check: (call) => checkCall(call, () => undefined),
    ids(call) {
      const ids = new Set<Node>()
      checkCall(call, (id) => ids.add(id))
      return [...ids]
    },
  }

  function checkCall(
    { arguments: passed, client, method, node }: ScopedCall,
    onUser: (id: Node) => void,
  ): ScopeResult {
    if (!passed) return unknownScope(node)
    const spread = passed.slice(0, method.argument + 1).find((argument) => argument.type === 'SpreadElement')
    if (spread) return unknownScope(spread)
    const userKeys = new Set(method.userKeys ?? client.userKeys)
    const otherKeys = new Set(client.otherKeys)
    const conditions = createConditions({ sourceCode, shapes, userKeys, otherKeys, onUser })
    const options = passed[method.argument]
    const result = options
      ? anyOf(shapes.of(options).map((shape) => ofOptions(shape, method, conditions, otherKeys)))
      : noUser
    if (result.kind !== 'noUser') return result
    const misplaced = passed
      .slice(0, method.argument)
      .find((argument) => shapes.of(argument).some((shape) => keyIn(entriesOf(shape), userKeys)))
    if (misplaced) return problem('ignoredUser', misplaced)
    return result.given === undefined
      ? problem('missingUser', options ?? node)
      : problem('otherScope', options ?? node, result.given)
  }

  function ofOptions(
    shape: Shape,
    method: ScopedMethod,
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
    const places = method.at.map((place) =>
      place === '' ? conditions.ofEntries(entries, false) : conditions.under(place, entries),
    )
    const result = allOf(places, (id) => sourceCode.getText(id))
    if (result.kind !== 'noUser') return result
    const ignored = method.at.includes('filters') ? undefined : misplacedFilter(entries, conditions)
    if (ignored) return problem('ignoredUser', ignored)
    return { kind: 'noUser', given: result.given ?? keyIn(entries, otherKeys) }
  }
}

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
