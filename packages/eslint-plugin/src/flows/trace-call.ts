import type { TSESTree } from '@typescript-eslint/utils'
import { lastName } from '../analysis/names.ts'
import { type FunctionNode, isFunction, literalString, returned, unwrap } from '../analysis/syntax.ts'
import { parsers, passing } from '../user-id/frameworks.ts'
import { readsRequest } from '../user-id/request-expressions.ts'
import { depthOfFrame, type Frame, frameOf } from './frame.ts'
import { isDropped, setsKey } from './object-keys.ts'
import { element, type Path } from './path.ts'
import type { Place } from './program-files.ts'
import { mostFrames, type Step, type Tracing } from './tracing.ts'

/** Methods that give back the text, list or object they are called on, or a part of it. */
const keeping = new Set([
  'trim',
  'toString',
  'toLowerCase',
  'toUpperCase',
  'replace',
  'replaceAll',
  'slice',
  'substring',
  'normalize',
  'split',
  'concat',
  'padStart',
  'filter',
  'sort',
  'reverse',
  'valueOf',
])
const elementReads = new Set(['find', 'findLast', 'at', 'pop', 'shift'])
const keyReads = new Set(['get', 'getAll'])
const settlements = new Set(['catch', 'finally'])

interface CallTracer {
  readonly ofCall: (node: TSESTree.CallExpression, path: Path, step: Step) => void
  readonly ofNew: (node: TSESTree.NewExpression, path: Path, step: Step) => void
}

/** Traces what calls give: those that read the request, those of the project, and those known to pass a value on. */
export function createCallTracer(tracing: Tracing): CallTracer {
  const { graph, follow, found } = tracing
  return { ofCall, ofNew }

  function ofCall(node: TSESTree.CallExpression, path: Path, step: Step): void {
    const { file } = step
    const { sourceCode } = file
    if (readsRequest(node, sourceCode)) {
      found(node, path, step)
      return
    }
    const callee = unwrap(node.callee)
    const run = graph.calledBy({ file, node })
    if (run.length > 0) {
      for (const fn of run) ofResult(fn, node, path, step)
      return
    }
    const name = lastName(sourceCode, callee)
    const [first] = node.arguments
    const spelled = sourceCode.getText(callee)
    if (spelled === 'Object.assign') {
      for (const argument of node.arguments.toReversed()) {
        follow(argument, path, step)
        if (argument.type === 'ObjectExpression' && setsKey(argument, path[0], sourceCode)) break
      }
    } else if (
      spelled === 'Promise.all' ||
      spelled === 'Promise.resolve' ||
      spelled === 'Object.fromEntries'
    ) {
      if (first) follow(first, path, step)
    } else if (name !== undefined && (passing.has(spelled) || passing.has(name))) {
      if (first) follow(first, path, step)
    } else if (name !== undefined && parsers.has(name) && first && !isFunction(unwrap(first))) {
      if (isDropped(callee, path, sourceCode)) return
      // What `safeParse` gives holds what was parsed under `data`.
      follow(first, /^(?:data|value|output)$/.test(path[0] ?? '') ? path.slice(1) : path, step)
      if (callee.type === 'MemberExpression') ofMethod(node, callee, name, path, step)
    } else if (callee.type === 'MemberExpression' && name !== undefined) {
      ofMethod(node, callee, name, path, step)
    }
  }

  /** What a function returns to one call of it. */
  function ofResult(fn: Place<FunctionNode>, call: Frame['call'], path: Path, step: Step): void {
    if (depthOfFrame(step.frame) >= mostFrames || frameOf(fn.node, step.frame)) return
    const frame = { fn: fn.node, call, file: step.file, below: step.frame }
    for (const result of returned(fn.file.sourceCode, fn.node))
      follow(result, path, { ...step, file: fn.file, frame })
  }

  /** A method that is not the project's own. */
  function ofMethod(
    node: TSESTree.CallExpression,
    { object }: TSESTree.MemberExpression,
    name: string,
    path: Path,
    step: Step,
  ): void {
    const [first] = node.arguments
    const callback = first && unwrap(first)
    if (keeping.has(name)) follow(object, name === 'split' ? [] : path, step)
    else if (elementReads.has(name)) follow(object, [element, ...path], step)
    else if (keyReads.has(name) && first) {
      const key = literalString(first)
      follow(object, [`${name}(${key === undefined ? '…' : `'${key}'`})`, ...path], step)
    } else if ((name === 'map' || name === 'flatMap') && isFunction(callback) && path[0] === element)
      for (const result of returned(step.file.sourceCode, callback)) follow(result, path.slice(1), step)
    else if (name === 'then' && isFunction(callback))
      for (const result of returned(step.file.sourceCode, callback)) follow(result, path, step)
    else if (settlements.has(name)) follow(object, path, step)
  }

  function ofNew(node: TSESTree.NewExpression, path: Path, step: Step): void {
    const name = lastName(step.file.sourceCode, unwrap(node.callee))
    if (name === 'URLSearchParams') {
      found(node, path, step)
      return
    }
    const [key, ...rest] = path
    const [first] = node.arguments
    if (name === 'Promise' || name === 'Proxy') return
    if ((name === 'Map' || name === 'Set' || name === 'Headers') && first) follow(first, path, step)
    const owner = key === undefined ? undefined : graph.classOf({ file: step.file, node: node.callee })
    if (!owner || key === undefined) return
    const constructor = owner.node.body.body.find(
      (member) => member.type === 'MethodDefinition' && member.kind === 'constructor',
    )
    const fn = constructor?.type === 'MethodDefinition' ? constructor.value : undefined
    const frame = isFunction(fn) ? { fn, call: node, file: step.file, below: step.frame } : step.frame
    if (depthOfFrame(frame) <= mostFrames) tracing.ofField(owner, key, rest, { ...step, frame })
  }
}
