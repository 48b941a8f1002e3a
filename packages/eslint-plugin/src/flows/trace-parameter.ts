import type { TSESTree } from '@typescript-eslint/utils'
import { memberName } from '../analysis/names.ts'
import { pathTo } from '../analysis/patterns.ts'
import { type FunctionNode, type Node, unwrap } from '../analysis/syntax.ts'
import { callsOf } from '../analysis/variable-uses.ts'
import { variableOf } from '../analysis/variables.ts'
import { inputDecorator, isHandlerInput } from '../user-id/handler-input.ts'
import { isFilledIn, isToolBody } from '../user-id/tool-input.ts'
import { depthOfFrame, frameOf, passedBy } from './frame.ts'
import { paramsOf } from './parameters.ts'
import { element, type Path } from './path.ts'
import type { Place } from './program-files.ts'
import { mostFrames, type Step, type Tracing } from './tracing.ts'
import { labelOf, type Way } from './way.ts'

/** Methods that call a function with each element of a list. */
const iterations = new Set(['map', 'forEach', 'filter', 'find', 'findLast', 'some', 'every', 'flatMap'])

/** Traces parameters: what a framework fills them with, and what the calls of their function pass. */
export function createParameterTracer(tracing: Tracing): Pick<Tracing, 'ofParameter'> {
  const { graph, local, follow, hop, found, mayHave } = tracing
  return { ofParameter }

  function ofParameter(name: Node, fn: FunctionNode, path: Path, step: Step): void {
    const { sourceCode } = step.file
    for (const [index, param] of paramsOf(fn).entries()) {
      const root = param.type === 'TSParameterProperty' ? param.parameter : param
      const pattern = root.type === 'AssignmentPattern' ? root.left : root
      const inside = pathTo(pattern, name, sourceCode)?.map(String)
      if (!inside) continue
      tracing.ofDefault(name, path, step)
      const full = [...inside, ...path]
      const frame = frameOf(fn, step.frame)
      if (frame) {
        const passed = passedBy(frame.call, index)
        if (passed) follow(passed, full, { ...step, file: frame.file, frame: frame.below })
        return
      }
      const decorator = inputDecorator(param)
      if (decorator) {
        const text = sourceCode.getText(decorator)
        const spelled = name.type === 'Identifier' && path.length > 0 ? `${text} ${name.name}` : text
        found(decorator, full, step, spelled)
        return
      }
      if (index === 0 && isToolBody(fn, sourceCode)) {
        if (full[0] === undefined || !isFilledIn(fn, full[0], sourceCode))
          found(name, full, step, pattern.type === 'Identifier' ? pattern.name : 'input')
        return
      }
      if (
        isHandlerInput({ fn, index, pattern, path: inside }, sourceCode) ||
        isInputOfHandler(fn, full, index, step)
      ) {
        found(name, full, step, pattern.type === 'Identifier' ? pattern.name : '')
        return
      }
      ofCallers(fn, index, full, step)
    }
  }

  /** `async ({ input }) =>` written as `(opts) => opts.input`. */
  function isInputOfHandler(fn: FunctionNode, path: Path, index: number, step: Step): boolean {
    const pattern = paramsOf(fn)[index]!
    return (
      path[0] === 'input' &&
      pattern.type === 'Identifier' &&
      isHandlerInput({ fn, index, pattern, path }, step.file.sourceCode)
    )
  }

  function ofCallers(fn: FunctionNode, index: number, path: Path, step: Step): void {
    const { parent } = fn
    if (parent.type === 'CallExpression' && parent.callee !== fn && ofCallback(fn, parent, index, path, step))
      return
    if (local) return
    const place = { file: step.file, node: fn }
    const way = { label: labelOf(place, index, path), next: step.way }
    if (index === 0) for (const mention of graph.handedAt(place)) ofHanded(mention, path, way)
    for (const { file, node } of graph.callsOf(place)) {
      if (node.type === 'JSXOpeningElement') ofAttributes({ file, node }, path, way)
      else {
        const passed = passedBy(node, index)
        if (passed && (path[0] === undefined || mayHave(passed, path[0], file)))
          hop({ file, node: passed }, path, way)
      }
    }
  }

  /** A function that is written where it is handed to another, which calls it with what it has. */
  function ofCallback(
    fn: FunctionNode,
    call: TSESTree.CallExpression,
    index: number,
    path: Path,
    step: Step,
  ): boolean {
    const callee = unwrap(call.callee)
    if (callee.type === 'MemberExpression' && index === 0) {
      const name = memberName(step.file.sourceCode, callee) ?? ''
      if (name === 'then') {
        follow(callee.object, path, step)
        return true
      }
      if (iterations.has(name) && call.arguments[0] === fn) {
        follow(callee.object, [element, ...path], step)
        return true
      }
    }
    const position = call.arguments.indexOf(fn as never)
    for (const run of graph.calledBy({ file: step.file, node: call })) {
      const param = paramsOf(run.node)[position]
      const variable = param?.type === 'Identifier' ? variableOf(run.file.sourceCode, param) : undefined
      const frame = { fn: run.node, call, file: step.file, below: step.frame }
      if (depthOfFrame(frame) > mostFrames) continue
      for (const use of variable ? callsOf(variable) : []) {
        const passed = passedBy(use, index)
        if (passed) follow(passed, path, { ...step, file: run.file, frame })
      }
    }
    return false
  }

  /** A function that is handed on by its name: `ids.map(forget)`, `registerTool('forget', config, forget)`. */
  function ofHanded({ file, node }: Place, path: Path, way: Way): void {
    const { sourceCode } = file
    if (isToolBody(node, sourceCode)) {
      if (path[0] !== undefined && isFilledIn(node, path[0], sourceCode)) return
      const passed = { file, node }
      found(node, path, { file, frame: undefined, passed, way, seen: new Map(), depth: 0 }, 'input')
    }
    const call = node.parent
    const callee =
      call?.type === 'CallExpression' && call.arguments[0] === node ? unwrap(call.callee) : undefined
    if (callee?.type !== 'MemberExpression') return
    const name = memberName(sourceCode, callee) ?? ''
    if (name === 'then') hop({ file, node: callee.object }, path, way)
    else if (iterations.has(name)) hop({ file, node: callee.object }, [element, ...path], way)
  }

  function ofAttributes(element: Place<TSESTree.JSXOpeningElement>, path: Path, way: Way): void {
    const [name, ...rest] = path
    for (const attribute of element.node.attributes.toReversed()) {
      if (attribute.type === 'JSXSpreadAttribute') {
        hop({ file: element.file, node: attribute.argument }, path, way)
        continue
      }
      if (attribute.name.name !== name) continue
      if (attribute.value) hop({ file: element.file, node: attribute.value }, rest, way)
      return
    }
  }
}
