import { memberName } from '../analysis/names.ts'
import { enclosing, type FunctionNode, isFunction, type Node, unwrap, walk } from '../analysis/syntax.ts'
import { variableOf } from '../analysis/variables.ts'
import type { CallGraph } from './call-graph.ts'
import type { Comparisons } from './comparisons.ts'
import { contains, stopsOthers } from './decisions.ts'
import { createNestGuards } from './nest-guards.ts'
import { paramsOf } from './parameters.ts'
import { element, type Path } from './path.ts'
import type { Place, ProgramFile, ProgramFiles } from './program-files.ts'
import { isSamePart, requestPart } from './request-part.ts'
import { createRouteMiddleware } from './route-middleware.ts'
import { isSigned } from './signatures.ts'
import { rootOf } from './spellings.ts'
import type { Frame } from './frame.ts'
import type { Source } from './tracing.ts'

interface GuardsOptions {
  readonly files: ProgramFiles
  readonly graph: CallGraph
  readonly comparisons: Comparisons
  /** Where an expression comes from, as far as the code around it shows. */
  readonly sourcesOf: (place: Place, path?: Path) => readonly Source[]
}

/**
 * Sees what runs before a handler: whether one of its guards, hooks or middleware compares the part of the request that
 * is read, or replaces it.
 */
export function createGuards({
  files,
  graph,
  comparisons,
  sourcesOf,
}: GuardsOptions): (source: Source) => boolean {
  const nestGuards = createNestGuards(files, graph)
  const routeMiddleware = createRouteMiddleware(files, graph)
  const known = new Map<FunctionNode, readonly (readonly Place<FunctionNode>[])[]>()

  return (source) => {
    const handler = handlerOf(source.place, source.frame)
    const part = partOf(source)
    if (!handler || part.length === 0) return false
    const ways = guardsOf(handler)
    return (
      ways.length > 0 &&
      ways.every((guards) => guards.some((guard) => guard.node !== handler.node && vouchesFor(guard, part)))
    )
  }

  /** What runs before a handler, for each of the ways to it. */
  function guardsOf(handler: Place<FunctionNode>): readonly (readonly Place<FunctionNode>[])[] {
    const before = known.get(handler.node)
    if (before) return before
    const ofClass = nestGuards(handler)
    const found = ofClass.length > 0 ? [ofClass] : routeMiddleware(handler)
    known.set(handler.node, found)
    return found
  }

  /** The function that is called with the request. */
  function handlerOf({ file, node }: Place, frame: Frame | undefined): Place<FunctionNode> | undefined {
    const root = rootOf(node)
    const definition = root && variableOf(file.sourceCode, root)?.defs[0]
    const fn =
      definition?.type === 'Parameter' ? (definition.node as FunctionNode) : enclosing(node, isFunction)
    if (!fn) return undefined
    for (let at = frame; at; at = at.below) {
      if (at.fn !== fn || definition?.type !== 'Parameter') continue
      const index = paramsOf(fn).findIndex((param) => contains(param, definition.name))
      const given = at.call.arguments[index]
      return given && handlerOf({ file: at.file, node: given }, at.below)
    }
    return { file, node: fn }
  }

  /** Whether a guard stops everybody whose own id a part of the request is not, or sets that part itself. */
  function vouchesFor(guard: Place<FunctionNode>, part: readonly string[]): boolean {
    return isSigned(guard, graph) || functionsIn(guard).some((fn) => compares(fn, part) || sets(fn, part))
  }

  function compares(fn: Place<FunctionNode>, part: readonly string[]): boolean {
    const { file } = fn
    const isCompared = comparisons
      .compared(fn)
      .some(
        ({ side, check: { node, meaning } }) =>
          isPart(file, side, part) &&
          (meaning === 'throws' || stopsOthers(node, meaning, file.sourceCode, true)),
      )
    if (isCompared) return true
    let isChecked = false
    walk(file.sourceCode, fn.node.body, (node) => {
      if (isChecked || node.type !== 'CallExpression') return
      for (const argument of node.arguments)
        if (isPart(file, argument, part) && comparisons.isCheckOf({ file, node }, argument)) isChecked = true
    })
    return isChecked
  }

  function isPart(file: ProgramFile, node: Node, part: readonly string[]): boolean {
    const sources = sourcesOf({ file, node })
    if (sources.some((source) => isSamePart(partOf(source), part))) return true
    // A middleware that is made for a part: `req[part][name]`.
    const spelled = spelledTarget(unwrap(node), file)
    if (spelled.includes(element) && isSamePart(spelled, part)) return true
    // A procedure's middleware reads the input before it is one: `rawInput.userId`.
    const text = file.sourceCode.getText(node)
    return part[0] === 'input' && /^(?:raw|input)/.test(text) && text.endsWith(`.${part.at(-1)}`)
  }

  /** `req.body.userId = req.user.id`, `req.body = { ...req.body, userId }`. */
  function sets({ file, node: fn }: Place<FunctionNode>, part: readonly string[]): boolean {
    let isSet = false
    walk(file.sourceCode, fn.body, (node) => {
      if (isSet || node.type !== 'AssignmentExpression' || node.operator !== '=') return
      const target = spelledTarget(unwrap(node.left), file)
      if (!isDone(node, fn, file)) return
      if (target.length === 0 || !isSamePart(target, part.slice(0, target.length))) return
      const rest = part.slice(target.length)
      if (sourcesOf({ file, node: node.right }, rest).length === 0) isSet = true
    })
    return isSet
  }

  /** Whether a guard that lets a request through has run a statement. */
  function isDone(node: Node, fn: FunctionNode, { sourceCode }: ProgramFile): boolean {
    const block = node.parent?.parent
    if (node.parent?.type !== 'ExpressionStatement' || !block) return node.parent === fn
    return (
      block === fn.body || /\bnext\(/.test(sourceCode.getText(block).slice(node.range[1] - block.range[0]))
    )
  }

  function spelledTarget(node: Node, { sourceCode }: ProgramFile): readonly string[] {
    const names: string[] = []
    let at = node
    for (; at.type === 'MemberExpression'; at = unwrap(at.object))
      names.unshift(memberName(sourceCode, at) ?? element)
    const [first, ...rest] = names
    if (first === 'request' || first === 'req') return rest
    return first === undefined ? [] : [first, ...rest]
  }

  /** A guard, and the functions it is made of or calls on. */
  function functionsIn({ file, node }: Place<FunctionNode>): Place<FunctionNode>[] {
    const found: Place<FunctionNode>[] = [{ file, node }]
    walk(file.sourceCode, node.body, (inner) => {
      if (isFunction(inner)) found.push({ file, node: inner })
    })
    return found
  }
}

const partOf = ({ place, path }: Source): readonly string[] =>
  requestPart(place.node, path, place.file.sourceCode)
