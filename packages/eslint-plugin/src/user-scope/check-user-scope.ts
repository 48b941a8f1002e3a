import type { TSESTree } from '@typescript-eslint/utils'
import {
  findVariable,
  literalString,
  memberName,
  type Node,
  type SourceCode,
  unwrap,
} from '../analysis/syntax.ts'
import type { ClientDescription, ScopedMethod } from '../clients/mem0.ts'
import type { Entry, Shape, Shapes } from '../analysis/object-shapes.ts'

/** `userId`, `user.id`: an id where the options belong. */
function looksLikeId(node: Node): boolean {
  if (node.type === 'Identifier') return /^(u?id|sub)$|user_?id$/i.test(node.name)
  return (
    node.type === 'MemberExpression' &&
    node.property.type === 'Identifier' &&
    /^(u?id|sub)$|user_?id$/i.test(node.property.name)
  )
}

/** What keeps a call from naming exactly one user. */
export type Fault =
  | 'missingUser'
  | 'otherScope'
  | 'ignoredUser'
  | 'undefinedUser'
  | 'wildcardUser'
  | 'severalUsers'
  | 'widenedFilter'
  | 'overridableUser'

type Verdict =
  /** Exactly one user, by these expressions. */
  | { readonly is: 'one'; readonly ids: readonly Node[] }
  | { readonly is: 'wrong'; readonly fault: Fault; readonly node: Node; readonly given?: string }
  /** No user and nothing in the place of one. */
  | { readonly is: 'absent'; readonly given?: string }
  | { readonly is: 'unknown'; readonly node: Node }

const absent: Verdict = { is: 'absent' }
const narrowOperators = new Set(['eq', 'equals', '$eq'])
const listOperators = new Set(['in', '$in'])
const conjunctions = new Set(['AND', '$and', 'and'])
const disjunctions = new Set(['OR', '$or', 'or'])
const negations = new Set(['NOT', '$not', 'not'])
const logical = new Set([...conjunctions, ...disjunctions, ...negations])
const unseen = (node: Node): Verdict => ({ is: 'unknown', node })
/** Faults that another condition beside them does not mend. */
const lasting = new Set<Fault>(['wildcardUser', 'severalUsers', 'overridableUser', 'undefinedUser'])

export interface ScopeReader {
  /** Whether the arguments of a call name exactly one user. */
  read(args: readonly Node[] | undefined, method: ScopedMethod, node: Node): Verdict
  /** The expressions that the arguments give as a user, whatever they come to. */
  ids(args: readonly Node[] | undefined, method: ScopedMethod, node: Node): readonly Node[]
}

export function createScopeReader(
  sourceCode: SourceCode,
  shapes: Shapes,
  client: Pick<ClientDescription, 'userKeys' | 'otherKeys'>,
): ScopeReader {
  const otherKeys = new Set(client.otherKeys)
  let met: Node[] = []

  function ids(args: readonly Node[] | undefined, method: ScopedMethod, node: Node): readonly Node[] {
    met = []
    read(args, method, node)
    return [...new Set(met)]
  }

  function read(args: readonly Node[] | undefined, method: ScopedMethod, node: Node): Verdict {
    const users = new Set(method.userKeys ?? client.userKeys)
    if (!args) return { is: 'unknown', node }
    const spread = args.slice(0, method.argument + 1).find((argument) => argument.type === 'SpreadElement')
    if (spread) return { is: 'unknown', node: spread }
    const options = args[method.argument]
    const verdict = options
      ? either(shapes.of(options).map((shape) => ofOptions(shape, method, users)))
      : absent
    if (verdict.is !== 'absent') return verdict
    const misplaced = args
      .slice(0, method.argument)
      .find((argument) => shapes.of(argument).some((shape) => namesUser(shape, users)))
    if (misplaced) return { is: 'wrong', fault: 'ignoredUser', node: misplaced }
    return verdict.given === undefined
      ? { is: 'wrong', fault: 'missingUser', node: options ?? node }
      : { is: 'wrong', fault: 'otherScope', node: options ?? node, given: verdict.given }
  }

  function namesUser(shape: Shape, users: ReadonlySet<string>): boolean {
    return (
      shape.kind === 'object' &&
      shape.entries.some((entry) => entry.kind === 'property' && users.has(entry.key))
    )
  }

  function ofOptions(shape: Shape, method: ScopedMethod, users: ReadonlySet<string>): Verdict {
    if (shape.kind === 'nothing') return absent
    if (shape.kind === 'primitive') return { is: 'wrong', fault: 'ignoredUser', node: shape.node }
    if (shape.kind === 'unknown') {
      return looksLikeId(shape.node)
        ? { is: 'wrong', fault: 'ignoredUser', node: shape.node }
        : { is: 'unknown', node: shape.node }
    }
    const found = method.at.map((place) =>
      place === '' ? conditions(shape.entries, users, false) : nested(shape.entries, place, users),
    )
    const verdict = both(found)
    if (verdict.is !== 'absent') return verdict
    const ignored = method.at.includes('filters') ? undefined : misplacedFilter(shape.entries, users)
    if (ignored) return { is: 'wrong', fault: 'ignoredUser', node: ignored }
    const given = verdict.given ?? otherKeyIn(shape.entries)
    return given === undefined ? absent : { is: 'absent', given }
  }

  /** A user in a filter that the method does not read. */
  function misplacedFilter(entries: readonly Entry[], users: ReadonlySet<string>): Node | undefined {
    const filter = entries.find((entry) => entry.kind === 'property' && entry.key === 'filters')
    if (filter?.kind !== 'property') return undefined
    return ofFilter(filter.value, users).is === 'one' ? filter.value : undefined
  }

  function otherKeyIn(entries: readonly Entry[]): string | undefined {
    for (const entry of entries) if (entry.kind === 'property' && otherKeys.has(entry.key)) return entry.key
    return undefined
  }

  /** The conditions under one key of the options, with what is written to it afterwards. */
  function nested(entries: readonly Entry[], place: string, users: ReadonlySet<string>): Verdict {
    let verdict: Verdict = absent
    const written: Entry[] = []
    for (const entry of entries) {
      if (entry.kind === 'unknown')
        verdict = verdict.is === 'one' ? verdict : { is: 'unknown', node: entry.node }
      else if (entry.key === place) {
        const own = entry.opaque ? unseen(entry.value) : ofFilter(entry.value, users)
        verdict = entry.optional ? either([verdict, own]) : own
      } else if (entry.key.startsWith(`${place}.`))
        written.push({ ...entry, key: entry.key.slice(place.length + 1) })
    }
    return written.length === 0 ? verdict : both([verdict, conditions(written, users, true)])
  }

  function ofFilter(node: Node, users: ReadonlySet<string>): Verdict {
    if (unwrap(node).type === 'ArrayExpression') return ofList(node, users)
    return either(
      shapes.of(node).map((shape): Verdict => {
        if (shape.kind === 'object') return conditions(shape.entries, users, true)
        if (shape.kind === 'nothing') return absent
        return shape.kind === 'unknown'
          ? { is: 'unknown', node: shape.node }
          : { is: 'wrong', fault: 'ignoredUser', node: shape.node }
      }),
    )
  }

  /** Conditions that all hold together: the entries of one object. */
  function conditions(entries: readonly Entry[], users: ReadonlySet<string>, logic: boolean): Verdict {
    let user: Verdict = absent
    const others: Verdict[] = []
    let given: string | undefined
    for (const entry of entries) {
      if (entry.kind === 'property' && entry.opaque && logic && logical.has(entry.key)) {
        if (user.is === 'absent') user = unseen(entry.value)
        continue
      }
      if (entry.kind === 'unknown') {
        const overrides = !entry.without?.some((key) => users.has(key))
        if (user.is === 'one' && overrides) user = { is: 'wrong', fault: 'overridableUser', node: entry.node }
        else if (user.is === 'absent') user = { is: 'unknown', node: entry.node }
      } else if (users.has(entry.key)) {
        if (!entry.opaque) met.push(entry.value)
        const own: Verdict = entry.opaque ? { is: 'one', ids: [entry.value] } : ofId(entry.value)
        if (entry.opaque && user.is === 'one' && user.ids[0] !== entry.value)
          user = { is: 'wrong', fault: 'overridableUser', node: entry.value }
        else if (entry.optional) user = either([user, own])
        else user = user.is === 'one' && own.is === 'one' ? both([user, own]) : own
      } else if (logic && conjunctions.has(entry.key)) others.push(ofList(entry.value, users))
      else if (logic && disjunctions.has(entry.key)) others.push(ofAlternatives(entry.value, users))
      else if (logic && negations.has(entry.key)) {
        if (ofList(entry.value, users).is === 'one')
          others.push({ is: 'wrong', fault: 'widenedFilter', node: entry.value })
      } else if (otherKeys.has(entry.key)) given ??= entry.key
    }
    const verdict = both([user, ...others])
    return verdict.is === 'absent' && given !== undefined
      ? { is: 'absent', given: verdict.given ?? given }
      : verdict
  }

  function ofList(node: Node, users: ReadonlySet<string>): Verdict {
    const { items, open } = elementsOf(node)
    if (!items) return ofFilter(node, users)
    const verdict = both(items.map((item) => ofFilter(item, users)))
    return verdict.is === 'absent' && open ? { is: 'unknown', node } : verdict
  }

  function ofAlternatives(node: Node, users: ReadonlySet<string>): Verdict {
    const { items, open } = elementsOf(node)
    if (!items || open) return { is: 'unknown', node }
    const branches = items.map((item) => ofFilter(item, users))
    if (branches.length > 0 && branches.every((branch) => branch.is === 'one')) return both(branches)
    if (branches.some((branch) => branch.is === 'unknown')) return { is: 'unknown', node }
    return branches.some((branch) => branch.is === 'one' || branch.is === 'wrong')
      ? { is: 'wrong', fault: 'widenedFilter', node }
      : both(branches)
  }

  /** The elements of a list, as far as they are written out; `open` when there may be more. */
  function elementsOf(node: Node): { items?: readonly Node[]; open: boolean } {
    const inner = unwrap(node)
    if (inner.type === 'ArrayExpression') {
      let open = false
      const items = inner.elements.flatMap((element): readonly Node[] => {
        if (!element) return []
        if (element.type !== 'SpreadElement') return [element]
        const spread = elementsOfSpread(element.argument)
        open ||= spread.open || !spread.items
        return spread.items ?? []
      })
      return { items, open }
    }
    if (inner.type === 'CallExpression' && inner.callee.type === 'MemberExpression') {
      const name = memberName(sourceCode, inner.callee)
      if (name === 'filter') return elementsOf(inner.callee.object)
      if (name === 'concat') return { ...elementsOf(inner.callee.object), open: true }
    }
    if (inner.type !== 'Identifier') return { open: true }
    const variable = findVariable(sourceCode, inner, inner.name)
    const definition = variable?.defs[0]
    if (definition?.type !== 'Variable' || definition.node.id.type !== 'Identifier' || !definition.node.init)
      return { open: true }
    const initial = elementsOf(definition.node.init)
    if (!initial.items) return initial
    const pushed = (variable?.references ?? []).flatMap(({ identifier }): readonly Node[] => {
      const use = identifier.parent
      if (use.type !== 'MemberExpression' || use.object !== (identifier as Node)) return []
      const call = use.parent
      return call.type === 'CallExpression' && memberName(sourceCode, use) === 'push' ? call.arguments : []
    })
    return { items: [...initial.items, ...pushed], open: initial.open }
  }

  function elementsOfSpread(node: Node): { items?: readonly Node[]; open: boolean } {
    const inner = unwrap(node)
    if (inner.type === 'ConditionalExpression') {
      const parts = [elementsOf(inner.consequent), elementsOf(inner.alternate)]
      if (parts.every((part) => part.items?.length === 0 || part.items)) {
        // What is in the list on one path only narrows it there; it must not count as the user.
        return { items: [], open: parts.some((part) => part.open || part.items?.length) }
      }
    }
    return elementsOf(inner)
  }

  function ofId(node: Node, depth = 0): Verdict {
    const inner = unwrap(node)
    const text = literalString(inner)
    if (text !== undefined) {
      if (text.trim() === '*') return { is: 'wrong', fault: 'wildcardUser', node }
      return text.trim() === '' ? { is: 'wrong', fault: 'undefinedUser', node } : { is: 'one', ids: [inner] }
    }
    switch (inner.type) {
      case 'Literal':
        return inner.value === null
          ? { is: 'wrong', fault: 'undefinedUser', node }
          : { is: 'one', ids: [inner] }
      case 'UnaryExpression':
        return inner.operator === 'void'
          ? { is: 'wrong', fault: 'undefinedUser', node }
          : { is: 'one', ids: [inner] }
      case 'ArrayExpression':
        return ofUsers(inner, depth)
      case 'ObjectExpression':
        return ofOperators(inner, depth)
      case 'ConditionalExpression':
        return eitherId([ofId(inner.consequent, depth), ofId(inner.alternate, depth)], inner)
      case 'LogicalExpression':
        return inner.operator === '&&'
          ? ofId(inner.right, depth)
          : eitherId([ofId(inner.left, depth), ofId(inner.right, depth)], inner)
      case 'Identifier':
        return ofVariableId(inner, depth)
      default:
        return { is: 'one', ids: [inner] }
    }
  }

  function ofVariableId(node: TSESTree.Identifier, depth: number): Verdict {
    if (node.name === 'undefined') return { is: 'wrong', fault: 'undefinedUser', node }
    const self: Verdict = { is: 'one', ids: [node] }
    const variable = depth < 4 ? findVariable(sourceCode, node, node.name) : undefined
    const definition = variable?.defs[0]
    if (!variable || !definition) return self
    if (definition.type === 'Parameter') {
      const holder = definition.name.parent as Node | undefined
      if (holder?.type !== 'AssignmentPattern' || holder.left !== definition.name) return self
      const fallback = ofId(holder.right, depth + 1)
      return fallback.is === 'wrong' && fallback.fault === 'wildcardUser' ? fallback : self
    }
    if (definition.type !== 'Variable' || definition.node.id.type !== 'Identifier') return self
    const loop = definition.parent.parent
    if (loop.type === 'ForOfStatement' || loop.type === 'ForInStatement') return self
    const written = variable.references.flatMap((reference) =>
      reference.isWrite() && !reference.init && reference.writeExpr ? [reference.writeExpr] : [],
    )
    const sources = [...(definition.node.init ? [definition.node.init] : []), ...written]
    if (sources.length === 0)
      return sourceIsAmbient(definition.node) ? self : { is: 'wrong', fault: 'undefinedUser', node }
    const verdict = eitherId(
      sources.map((source) => ofId(source, depth + 1)),
      node,
    )
    return verdict.is === 'one' ? self : verdict
  }

  const sourceIsAmbient = (node: TSESTree.VariableDeclarator): boolean => node.parent.declare || node.definite

  function ofUsers(node: Node, depth: number): Verdict {
    const { items, open } = elementsOf(node)
    if (!items || open || items.length > 1) return { is: 'wrong', fault: 'severalUsers', node }
    return items[0] ? ofId(items[0], depth) : { is: 'wrong', fault: 'undefinedUser', node }
  }

  function ofOperators(node: TSESTree.ObjectExpression, depth: number): Verdict {
    const verdicts = node.properties.map((property): Verdict => {
      if (property.type !== 'Property' || property.computed) return { is: 'unknown', node: property }
      const name =
        property.key.type === 'Identifier'
          ? property.key.name
          : String((property.key as TSESTree.Literal).value)
      if (narrowOperators.has(name)) return ofId(property.value, depth)
      return listOperators.has(name)
        ? ofUsers(property.value, depth)
        : { is: 'wrong', fault: 'widenedFilter', node: property }
    })
    return both(verdicts)
  }

  /** One of several ids, whichever the code takes. */
  function eitherId(verdicts: readonly Verdict[], node: Node): Verdict {
    const missing = (verdict: Verdict): boolean => verdict.is === 'wrong' && verdict.fault === 'undefinedUser'
    const present = verdicts.filter((verdict) => !missing(verdict))
    if (present.length === 0) return verdicts[0] ?? absent
    const wrong = present.find((verdict) => verdict.is === 'wrong')
    if (wrong) return wrong
    return present.length < verdicts.length
      ? { is: 'unknown', node }
      : { is: 'one', ids: present.flatMap((verdict) => (verdict.is === 'one' ? verdict.ids : [])) }
  }

  /** One of several shapes, whichever the code takes: all of them must name the user. */
  function either(verdicts: readonly Verdict[]): Verdict {
    if (verdicts.length === 1) return verdicts[0] as Verdict
    const wrong = verdicts.find((verdict) => verdict.is === 'wrong')
    if (wrong) return wrong
    const unknown = verdicts.find((verdict) => verdict.is === 'unknown')
    if (unknown) return unknown
    const named = verdicts.flatMap((verdict) => (verdict.is === 'one' ? verdict.ids : []))
    const scoped = verdicts.find((verdict) => verdict.is === 'absent' && verdict.given !== undefined)
    if (scoped) return scoped
    const first = named[0]
    if (!first) return absent
    return verdicts.every((verdict) => verdict.is === 'one')
      ? { is: 'one', ids: named }
      : { is: 'unknown', node: first }
  }

  /** Conditions that hold together: one of them naming the user is enough, unless another undoes it. */
  function both(verdicts: readonly Verdict[]): Verdict {
    const undone = verdicts.find((verdict) => verdict.is === 'wrong' && lasting.has(verdict.fault))
    if (undone) return undone
    const named = verdicts.filter((verdict) => verdict.is === 'one')
    const first = named[0]
    if (first) {
      const spelling = (verdict: typeof first): string =>
        verdict.ids.map((id) => sourceCode.getText(id)).join()
      const other = named.find((verdict) => spelling(verdict) !== spelling(first))
      return other ? { is: 'wrong', fault: 'severalUsers', node: other.ids[0] as Node } : first
    }
    return (
      verdicts.find((verdict) => verdict.is === 'unknown') ??
      verdicts.find((verdict) => verdict.is === 'wrong') ??
      verdicts.find((verdict) => verdict.is === 'absent' && verdict.given !== undefined) ??
      absent
    )
  }

  return { read, ids }
}
