import type { TSESTree } from '@typescript-eslint/utils'
import { lastName } from '../analysis/names.ts'
import { pathTo } from '../analysis/patterns.ts'
import {
  enclosing,
  type FunctionNode,
  isFunction,
  type Node,
  returned,
  unwrap,
  walk,
} from '../analysis/syntax.ts'
import { assignmentsTo } from '../analysis/variable-uses.ts'
import { variableOf } from '../analysis/variables.ts'
import type { CallGraph } from './call-graph.ts'
import { type Check, type ComparedValue, comparedValuesIn, isKept, listChecks } from './compared-values.ts'
import { exitsFrom } from './exits.ts'
import { contains, decides, isPassed, type Meaning, stopsOthers } from './decisions.ts'
import { paramsOf } from './parameters.ts'
import { element, type Path } from './path.ts'
import type { Place, ProgramFile } from './program-files.ts'
import { permissionOf } from './permissions.ts'
import { isSigned } from './signatures.ts'
import { rootOf, spelledPart, spellingsOf } from './spellings.ts'

/** What is known of one value in one function. */
interface Verification {
  readonly checks: readonly Check[]
  readonly fn: FunctionNode
  readonly root: TSESTree.Identifier | undefined
  /** How the value is spelled. */
  readonly texts: ReadonlySet<string>
}

interface ComparisonsOptions {
  readonly graph: CallGraph
  /** Whether an expression is something that was sent, as far as the code around it shows. */
  readonly isSent: (place: Place) => boolean
}

export interface Comparisons {
  /** Whether code gets to a mention of a value, or of a part of it, only if it was compared with who is signed in. */
  readonly isVerified: (mention: Place, path: Path) => boolean
  /** Whether a call is one of a function that compares this argument. */
  readonly isCheckOf: (call: Place<TSESTree.CallExpression>, argument: Node) => boolean
  /** The expressions of a function that are compared with something that was not sent. */
  readonly compared: (fn: Place<FunctionNode>) => readonly ComparedValue[]
}

/** Sees where an id is compared with the signed-in user, in a function or in one that it calls. */
export function createComparisons({ graph, isSent }: ComparisonsOptions): Comparisons {
  const known = new Map<FunctionNode, readonly ComparedValue[]>()
  const calls = new Map<FunctionNode, readonly TSESTree.CallExpression[]>()
  return { isVerified, isCheckOf, compared }

  function isVerified({ file, node }: Place, path: Path): boolean {
    if (path.includes(element)) return isOfOwnList({ file, node }, path)
    const text = spelledPart(node, path, file.sourceCode)
    const root = rootOf(node)
    const declared = root && variableOf(file.sourceCode, root)?.scope.block
    let at: Node = node
    for (let fn = enclosing(node, isFunction); fn; fn = enclosing(fn, isFunction)) {
      const texts = spellingsOf(text, fn, file.sourceCode)
      const checks = checksIn({ file, node: fn }, texts, 0)
      const place = at
      const standing = checks.filter(({ node: check }) => !isWrittenBetween(root, check, place, file))
      if (
        standing.some((check) => settles(check, place, file, texts)) ||
        everyBranchSettles({ checks: standing, fn, root, texts }, place, file)
      )
        return true
      if (declared === fn) return isSigned({ file, node: fn }, graph, node.range[0])
      at = fn
    }
    return false
  }

  /** Whether a list was filtered or checked so that it holds what is the signed-in user's alone. */
  function isOfOwnList({ file, node }: Place, path: Path): boolean {
    const { sourceCode } = file
    const index = path.indexOf(element)
    const part = path.slice(index + 1)
    if (node.type === 'CallExpression') {
      const [callback] = node.arguments
      return (
        index === 0 &&
        lastName(sourceCode, unwrap(node.callee)) === 'filter' &&
        isFunction(callback) &&
        isKept(callback, part, true, file, isSent)
      )
    }
    const text = spelledPart(node, path.slice(0, index), sourceCode)
    return listChecks(node, part, file, isSent).some(
      ({ list, ...check }) =>
        spelledPart(list, [], sourceCode) === text && settles(check, node, file, new Set([text])),
    )
  }

  /** Whether code gets to a place only by way of a check that came out right. */
  function settles(
    { node, meaning }: Check,
    at: Node,
    file: ProgramFile,
    texts: ReadonlySet<string>,
  ): boolean {
    const { sourceCode } = file
    if (node.range[0] >= at.range[0] || (contains(node, at) && node.type !== 'SwitchCase')) return false
    return meaning === 'throws'
      ? isPassed(node, at, sourceCode)
      : decides(node, meaning, at, { sourceCode, isSent: (one) => holdsSent(one, file, texts) })
  }

  /** `if (own) { …check… } else { …check… }` in front of a place. */
  function everyBranchSettles(
    { checks, fn, root, texts }: Verification,
    at: Node,
    file: ProgramFile,
  ): boolean {
    const branches = new Set<TSESTree.IfStatement>()
    for (const { node } of checks)
      for (let up = node.parent; up && up !== fn; up = up.parent)
        if (up.type === 'IfStatement') branches.add(up)
    const isSettled = (branch: Node | null): boolean => {
      if (!branch) return false
      if (exitsFrom(branch, file.sourceCode)) return true
      if (branch.type === 'IfStatement') return isSettledIf(branch) || isSettledByTest(branch)
      if (isReplacedIn(branch, root, file)) return true
      const end = { ...branch, range: [branch.range[1] - 1, branch.range[1]] } as Node
      return checks.some((check) => settles(check, end, file, texts))
    }
    const isSettledByTest = ({ test }: TSESTree.IfStatement): boolean =>
      checks.some(
        ({ node, meaning }) =>
          meaning !== 'throws' && contains(test, node) && stopsOthers(node, meaning, file.sourceCode, true),
      )
    const isSettledIf = (branch: TSESTree.IfStatement): boolean =>
      isSettled(branch.consequent) && isSettled(branch.alternate)
    return [...branches].some((branch) => isPassed(branch.test, at, file.sourceCode) && isSettledIf(branch))
  }

  /** `userId = req.user.id` */
  function isReplacedIn(branch: Node, root: TSESTree.Identifier | undefined, file: ProgramFile): boolean {
    const variable = root && variableOf(file.sourceCode, root)
    return (
      variable !== undefined &&
      assignmentsTo(variable).some(
        ({ value, target }) => contains(branch, target) && !isSent({ file, node: value }),
      )
    )
  }

  function isWrittenBetween(
    root: TSESTree.Identifier | undefined,
    check: Node,
    at: Node,
    { sourceCode }: ProgramFile,
  ): boolean {
    const variable = root && variableOf(sourceCode, root)
    return (
      variable !== undefined &&
      assignmentsTo(variable).some(
        ({ target }) => check.range[1] < target.range[0] && target.range[1] < at.range[0],
      )
    )
  }

  /** Whether a part of an expression was sent, other than the value itself. */
  function holdsSent(node: Node, file: ProgramFile, texts: ReadonlySet<string>): boolean {
    let found = false
    walk(file.sourceCode, node, (inner) => {
      // That there is an id at all says nothing for or against it.
      if (texts.has(spelledPart(inner, [], file.sourceCode))) return false

      if (inner.type === 'MemberExpression' || inner.type === 'Identifier')
        found ||= isSent({ file, node: inner })
      return !found && inner.type !== 'MemberExpression'
    })
    return found
  }

  function isCheckOf(call: Place<TSESTree.CallExpression>, argument: Node): boolean {
    const { sourceCode } = call.file
    return checkOfCall(call, new Set([spelledPart(argument, [], sourceCode)]), 0).some(
      ({ node, meaning }) => meaning === 'throws' || stopsOthers(node, meaning, sourceCode, true),
    )
  }

  function stopsAt(fn: Place<FunctionNode>, text: string, byReturn: boolean, depth: number): boolean {
    const { sourceCode } = fn.file
    return checksIn(fn, spellingsOf(text, fn.node, sourceCode), depth).some(({ node, meaning }) =>
      meaning === 'throws' ? true : stopsOthers(node, meaning, sourceCode, byReturn),
    )
  }

  /** The checks that a function makes of a value that is spelled so. */
  function checksIn(fn: Place<FunctionNode>, texts: ReadonlySet<string>, depth: number): Check[] {
    const { file } = fn
    const checks: Check[] = []
    for (const { side, check } of compared(fn))
      if (texts.has(spelledPart(side, [], file.sourceCode))) checks.push(check)
    if (depth > 1) return checks
    for (const node of callsIn(fn)) checks.push(...checkOfCall({ file, node }, texts, depth))
    return checks
  }

  /** The calls that a function makes itself. */
  function callsIn({ file, node: fn }: Place<FunctionNode>): readonly TSESTree.CallExpression[] {
    const before = calls.get(fn)
    if (before) return before
    const found: TSESTree.CallExpression[] = []
    calls.set(fn, found)
    walk(file.sourceCode, fn.body, (node) => {
      if (isFunction(node)) return false
      if (node.type === 'CallExpression') found.push(node)
    })
    return found
  }

  function compared(fn: Place<FunctionNode>): readonly ComparedValue[] {
    const before = known.get(fn.node)
    if (before) return before
    const found = comparedValuesIn(fn, isSent)
    known.set(fn.node, found)
    return found
  }

  /** A call that is given the value, of a function that compares it. */
  function checkOfCall(
    call: Place<TSESTree.CallExpression>,
    texts: ReadonlySet<string>,
    depth: number,
  ): Check[] {
    const { file, node } = call
    const given = node.arguments.flatMap((argument, index): { index: number; rest: string }[] => {
      const spelled = spelledPart(argument, [], file.sourceCode)
      for (const text of texts)
        if (text === spelled || text.startsWith(`${spelled}.`))
          return [{ index, rest: text.slice(spelled.length) }]
      return []
    })
    if (given.length === 0) return permissionOf(call, texts, isSent)
    const found = graph.calledBy(call).flatMap((fn): Check[] => {
      for (const { index, rest } of given) {
        const text = spelledParameter(fn, index, rest)
        if (text === undefined) continue
        if (stopsAt(fn, text, false, depth + 1)) return [{ node, meaning: 'throws' }]
        const meaning = meaningOf(fn, text, depth + 1)
        if (meaning !== undefined) return [{ node, meaning }]
      }
      return []
    })
    return found.length > 0 ? found : permissionOf(call, texts, isSent)
  }

  /** What a function that returns whether two ids are the same means by `true`. */
  function meaningOf(fn: Place<FunctionNode>, text: string, depth: number): Meaning | undefined {
    const { sourceCode } = fn.file
    const checks = checksIn(fn, spellingsOf(text, fn.node, sourceCode), depth)
    const isReturned = checks.find(({ node, meaning }) => meaning !== 'throws' && isInReturn(node, fn))
    if (isReturned)
      return isReturned.node.parent?.type === 'UnaryExpression' ? 'either' : (isReturned.meaning as Meaning)
    return checks.some(
      ({ node, meaning }) => meaning !== 'throws' && stopsOthers(node, meaning, sourceCode, true),
    )
      ? 'either'
      : undefined
  }

  function isInReturn(node: Node, { file, node: fn }: Place<FunctionNode>): boolean {
    return returned(file.sourceCode, fn).some(
      (result) => result.range[0] <= node.range[0] && node.range[1] <= result.range[1],
    )
  }
}

/** A part of an argument as the function that is called spells it. */
function spelledParameter(
  { file, node }: Place<FunctionNode>,
  index: number,
  rest: string,
): string | undefined {
  const param = paramsOf(node)[index]
  const root = param?.type === 'TSParameterProperty' ? param.parameter : param
  const pattern = root?.type === 'AssignmentPattern' ? root.left : root
  if (!pattern) return undefined
  if (pattern.type === 'Identifier') return pattern.name + rest
  if (pattern.type !== 'ObjectPattern') return undefined
  let text: string | undefined
  walk(file.sourceCode, pattern, (name) => {
    if (name.type !== 'Identifier' || text !== undefined) return
    const path = pathTo(pattern, name, file.sourceCode)
    const spelled = path && path.length > 0 ? `.${path.join('.')}` : undefined
    if (spelled !== undefined && (rest === spelled || rest.startsWith(`${spelled}.`)))
      text = name.name + rest.slice(spelled.length)
  })
  return text
}
