import type { TSESTree } from '@typescript-eslint/utils'
import { keyName, memberName } from '../analysis/names.ts'
import {
  type ClassNode,
  enclosing,
  type FunctionNode,
  isClass,
  isFunction,
  returned,
  unwrap,
} from '../analysis/syntax.ts'
import { indexOf } from './file-index.ts'
import type { Path } from './path.ts'
import type { Place } from './program-files.ts'
import type { Step, Tracing } from './tracing.ts'
import { nameOfClass } from './way.ts'

interface FieldTracer extends Pick<Tracing, 'ofField'> {
  /** `this` in a method whose call is looked into: what stands before the dot. */
  readonly ofReceiver: (node: TSESTree.ThisExpression, path: Path, step: Step) => void
}

/** Traces fields of classes: what declares them, what the class writes to them, and what others do. */
export function createFieldTracer(tracing: Tracing): FieldTracer {
  const { files, graph, local, follow, hop } = tracing
  return { ofField, ofReceiver }

  /** A field of a class, by everything that is written to it. */
  function ofField(owner: Place<ClassNode>, name: string, path: Path, step: Step): void {
    const { file, node } = owner
    const { sourceCode } = file
    const within = { ...step, file }
    let isDeclared = false
    for (const member of node.body.body) {
      if (member.type === 'MethodDefinition' && member.kind === 'constructor') {
        for (const param of isFunction(member.value) ? member.value.params : []) {
          if (param.type !== 'TSParameterProperty') continue
          const pattern =
            param.parameter.type === 'AssignmentPattern' ? param.parameter.left : param.parameter
          if (pattern.type !== 'Identifier' || pattern.name !== name) continue
          isDeclared = true
          tracing.ofParameter(pattern, member.value as FunctionNode, path, within)
        }
      } else if ('key' in member && keyName(sourceCode, member) === name) {
        isDeclared = true
        if (member.type === 'PropertyDefinition' && member.value) follow(member.value, path, within)
        else if (member.type === 'MethodDefinition' && member.kind === 'get' && isFunction(member.value))
          for (const result of returned(sourceCode, member.value)) follow(result, path, within)
      }
    }
    for (const write of indexOf(sourceCode).writes.get(name) ?? []) {
      const { object } = unwrap(write.left) as TSESTree.MemberExpression
      if (object.type !== 'ThisExpression' || enclosing(write, isClass) !== node) continue
      isDeclared = true
      follow(write.right, path, within)
    }
    for (const write of (path[0] !== undefined && indexOf(sourceCode).writes.get(path[0])) || []) {
      const { object } = unwrap(write.left) as TSESTree.MemberExpression
      const isPart =
        object.type === 'MemberExpression' &&
        object.object.type === 'ThisExpression' &&
        memberName(sourceCode, object) === name
      if (isPart && enclosing(write, isClass) === node) follow(write.right, path.slice(1), within)
    }
    const base = !isDeclared && node.superClass && graph.classOf({ file, node: node.superClass })
    if (base) ofField(base, name, path, step)
    else ofOuterWrites(owner, name, path, step)
  }

  function ofReceiver(node: TSESTree.ThisExpression, path: Path, step: Step): void {
    const { frame } = step
    const method = enclosing(
      node,
      (one): one is FunctionNode => isFunction(one) && one.type !== 'ArrowFunctionExpression',
    )
    if (!frame || frame.fn !== method || frame.call.type === 'NewExpression') return
    const callee = unwrap(frame.call.callee)
    if (callee.type === 'MemberExpression')
      follow(callee.object, path, { ...step, file: frame.file, frame: frame.below })
  }

  /** `service.userId = …`, where a field is written from outside. */
  function ofOuterWrites(owner: Place<ClassNode>, name: string, path: Path, step: Step): void {
    for (const file of local ? [] : files.naming(name))
      for (const write of indexOf(file.sourceCode).writes.get(name) ?? []) {
        const left = unwrap(write.left) as TSESTree.MemberExpression
        if (left.object.type === 'ThisExpression') continue
        const isOwn = graph
          .declared({ file, node: left })
          .some(({ node }) => enclosing(node, isClass) === owner.node)
        if (isOwn)
          hop({ file, node: write.right }, path, {
            label: `${nameOfClass(owner.node)}.${name}`,
            next: step.way,
          })
      }
  }
}
