import { listElements } from '../analysis/list-elements.ts'
import type { Shapes } from '../analysis/object-shapes.ts'
import { keyName, memberName } from '../analysis/names.ts'
import {
  enclosing,
  isClass,
  literalString,
  type Node,
  type SourceCode,
  unwrap,
  walk,
} from '../analysis/syntax.ts'
import { initOf, variableOf } from '../analysis/variables.ts'
import type { Place, UserPlaces } from '../clients/client-description.ts'
import { anyOf, firstNamed, noUser, oneUser, type ScopeResult, unknownScope } from './scope-result.ts'
import { checkUserValue } from './user-value.ts'

interface PlacesOptions {
  readonly sourceCode: SourceCode
  readonly shapes: Shapes
  /** Called with each expression that stands where a user belongs. */
  readonly onUser: (id: Node) => void
}

/** A call, with its arguments when they are written out. */
interface Call {
  readonly arguments: readonly Node[] | undefined
  readonly node: Node
}

export interface PlacesReader {
  /** Whom the places of a call name that hold an id itself, such as a namespace. */
  readonly ofCall: (places: UserPlaces, call: Call) => ScopeResult
  /** What stands under a path, judged by `judge`: all of it has to name the user. */
  readonly under: (node: Node, path: string, judge: (node: Node) => ScopeResult) => ScopeResult
}

const userNames = /user|tenant|customer|account|owner|workspace|^org|^uid$|^sub$/i
const settings = /^(process|config|env|settings)$/

/** Reads the places of calls that hold an id itself. */
export function createUserPlaces({ sourceCode, shapes, onUser }: PlacesOptions): PlacesReader {
  return { ofCall, under }

  function ofCall(
    { partitions = [], names = [] }: UserPlaces,
    { arguments: passed, node }: Call,
  ): ScopeResult {
    const at = ({ argument, at: path }: Place, judge: (value: Node) => ScopeResult): ScopeResult => {
      if (!passed || passed.slice(0, argument + 1).some(({ type }) => type === 'SpreadElement'))
        return unknownScope(node)
      const value = passed[argument]
      return value ? under(value, path, judge) : noUser
    }
    return firstNamed([
      ...partitions.map((place) => at(place, ofPartition)),
      ...names.map((place) => at(place, ofName)),
    ])
  }

  function under(node: Node, path: string, judge: (node: Node) => ScopeResult): ScopeResult {
    const [step, ...rest] = path.split(/\.|(?=\[\])/)
    if (!step) return judge(node)
    if (isConstant(unwrap(node))) return noUser
    const further = (value: Node): ScopeResult => under(value, rest.join('.'), judge)
    if (step === '[]') {
      const { items, open } = listElements(node, sourceCode)
      if (unwrap(node).type === 'ObjectExpression') return noUser
      if (!items || (open && items.length === 0)) return unknownScope(node)
      return anyOf(items.map(further))
    }
    return anyOf(
      shapes.of(node).map((shape): ScopeResult => {
        if (shape.kind !== 'object') return shape.kind === 'unknown' ? unknownScope(shape.node) : noUser
        let result: ScopeResult = noUser
        for (const entry of shape.entries) {
          if (entry.kind === 'unknown') result = result.kind === 'oneUser' ? result : unknownScope(entry.node)
          else if (entry.key === step) {
            const named = entry.opaque ? unknownScope(entry.value) : further(entry.value)
            result = entry.optional ? anyOf([result, named]) : named
          }
        }
        return result
      }),
    )
  }

  /** A namespace, tenant or tag: one that is written out is taken for one that is shared on purpose. */
  function ofPartition(node: Node): ScopeResult {
    const inner = unwrap(node)
    if (inner.type === 'ArrayExpression') {
      const ids = inner.elements.filter((element) => element !== null)
      return ids.length === 0 ? noUser : firstNamed(ids.map(ofPartition))
    }
    if (inner.type === 'SpreadElement') return unknownScope(node)
    // A namespace that may be the same for everybody and carries no user is no user's by accident.
    if (branchesOf(inner).some(isConstant) && !namesUser(inner)) return unknownScope(node)
    const result = checkUserValue(node, sourceCode)
    if (result.kind === 'oneUser') onUser(node)
    return result
  }

  /** A collection, table or key: it is one user's own where an id goes into its name. */
  function ofName(node: Node): ScopeResult {
    const inner = unwrap(node)
    if (inner.type === 'ObjectExpression' || branchesOf(inner).every(isConstant)) return noUser
    if (!namesUser(inner)) return unknownScope(node)
    onUser(node)
    return oneUser(node)
  }

  /** Whether the name of a user goes into an expression. */
  function namesUser(node: Node): boolean {
    let found = false
    for (const part of [node, initOfName(node)])
      if (part)
        walk(sourceCode, part, (inner) => {
          if (inner.type === 'Identifier' && userNames.test(inner.name)) found = true
          return !found
        })
    return found
  }

  /** The expressions that one may come to, its fallbacks among them. */
  function branchesOf(node: Node): readonly Node[] {
    const inner = unwrap(node)
    if (inner.type === 'LogicalExpression') return [inner.left, inner.right].flatMap(branchesOf)
    if (inner.type === 'ConditionalExpression') return [inner.consequent, inner.alternate].flatMap(branchesOf)
    const init = initOfName(inner)
    return init ? branchesOf(init) : [inner]
  }

  /** What a name or field is declared with, or falls back on where it is a parameter. */
  function initOfName(node: Node): Node | undefined {
    if (node.type === 'MemberExpression' && node.object.type === 'ThisExpression') {
      const name = memberName(sourceCode, node)
      const field = enclosing(node, isClass)?.body.body.find(
        (member) => member.type === 'PropertyDefinition' && keyName(sourceCode, member) === name,
      )
      return field?.type === 'PropertyDefinition' ? (field.value ?? undefined) : undefined
    }
    const variable = node.type === 'Identifier' ? variableOf(sourceCode, node) : undefined
    const holder = variable?.defs[0]?.name.parent
    return holder?.type === 'AssignmentPattern' ? holder.right : initOf(variable)
  }

  /** Whether an expression is the same for everybody: a text that is written out, or a setting of the process. */
  function isConstant(node: Node): boolean {
    if (literalString(node)) return true
    let root = node
    while (root.type === 'MemberExpression') root = unwrap(root.object)
    return (
      node.type === 'MemberExpression' &&
      (root.type === 'MetaProperty' || (root.type === 'Identifier' && settings.test(root.name)))
    )
  }
}
