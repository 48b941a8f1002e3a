import type { TSESTree } from '@typescript-eslint/utils'
import type { AbstractValue } from '../analysis/abstract-value.ts'
import { createEvaluator } from '../analysis/evaluate.ts'
import { memberName } from '../analysis/names.ts'
import { type Node, unwrap } from '../analysis/syntax.ts'
import { initOf, variableOf } from '../analysis/variables.ts'
import { isHandle, isRequestMemory, isScopedModule } from '../handles/handles.ts'
import {
  applications,
  isExported,
  isModuleVariable,
  outlives,
  sharedPlace,
  type SharedPlace,
} from '../handles/shared-places.ts'
import { allowedIn, schemaWithAllowIn } from '../rule-kit/allow-in.ts'
import { type Context, createRule, type ScopedMemoryRule } from '../rule-kit/create-rule.ts'

interface Options {
  readonly allowIn?: readonly string[]
}

type MessageId = SharedPlace | 'cacheKey' | 'enterWith'

const marks = ['@scoped-memory/', '.memory', '.var.memory']
const registrations = new Set(['set', 'decorate', 'decorateRequest', 'decorateReply', 'provide'])
const collectionWrites = new Set(['set', 'push', 'unshift', 'add'])
const instead = 'Make it per request: read it from the request, or build it where it is used.'

export const noSharedHandle: ScopedMemoryRule = createRule({
  name: 'no-shared-handle',
  docs: {
    description: 'Disallow keeping a scoped handle where the next request can reach it',
    presets: ['recommended', 'recommendedTypeChecked', 'strict', 'strictTypeChecked'],
  },
  messages: {
    module: `A handle bound to one user is kept for the whole process here, so the next request gets it too. ${instead}`,
    global: `A handle bound to one user is stored on a global here, so the next request gets it too. ${instead}`,
    application: `A handle bound to one user is stored on the application here, which all requests share. ${instead}`,
    session: `A handle bound to one user is stored on the session here, which outlives a change of user. ${instead}`,
    socket: `A handle bound to one user is stored on the socket here, which requests on a keep-alive connection share. ${instead}`,
    cacheKey: `A handle is cached here under {{key}}, which is not the id it is bound to. Handles are cheap: build one per request, or key by the exact id.`,
    enterWith: `enterWith() leaves the handle behind for whatever runs next on the connection. Use the run() method of the storage instead.`,
  },
  schema: schemaWithAllowIn(),
  create(context: Context<MessageId, readonly [Options?]>) {
    const { sourceCode } = context
    const allowed = allowedIn(context, context.options[0]?.allowIn)
    if (allowed || !marks.some((mark) => sourceCode.text.includes(mark))) return {}
    const evaluator = createEvaluator({ sourceCode, follows: isScopedModule })

    /** Whether an expression is a handle, or an object literal with one. */
    function holdsHandle(node: Node): boolean {
      const inner = unwrap(node)
      if (inner.type === 'ObjectExpression')
        return inner.properties.some(
          (property) => property.type === 'Property' && holdsHandle(property.value),
        )
      const init = inner.type === 'Identifier' ? initOf(variableOf(sourceCode, inner)) : undefined
      if (init && isRequestMemory(init, sourceCode)) return true
      return (
        isRequestMemory(inner, sourceCode) ||
        evaluator.evaluate(inner).some((value) => isHandle(value, evaluator))
      )
    }

    function report(node: Node, messageId: MessageId, key = ''): void {
      context.report({ node, messageId, data: key ? { key } : {} })
    }

    function checkAssignment(node: TSESTree.AssignmentExpression): void {
      const left = unwrap(node.left)
      const place = sharedPlace(left, sourceCode)
      if (!place || !holdsHandle(node.right)) return
      if (left.type === 'MemberExpression' && left.computed && place === 'module') {
        checkKey(node, left.property, node.right)
        return
      }
      if (left.type === 'Identifier') {
        const variable = variableOf(sourceCode, left)
        if (variable && !outlives(variable)) return
      }
      report(node, place)
    }

    function checkDeclaration(node: TSESTree.VariableDeclarator): void {
      if (!node.init || node.id.type !== 'Identifier') return
      const variable = variableOf(sourceCode, node.id)
      if (!variable || !isModuleVariable(variable)) return
      if (!isExported(node) && !outlives(variable)) return
      if (holdsHandle(node.init)) report(node.init, 'module')
    }

    /** A cache may hold handles when its keys are the exact ids, or the requests, weakly. */
    function checkKey(node: Node, key: Node, handle: Node): void {
      const text = sourceCode.getText(unwrap(key))
      const id = idOf(handle)
      const own = sourceCode.getText(unwrap(handle))
      if (text === id || text === `${own}.userId`) return
      report(node, 'cacheKey', text)
    }

    function idOf(handle: Node): string | undefined {
      for (const value of evaluator.evaluate(handle)) {
        const made = madeBy(value)
        const first = made?.arguments[0]
        if (first) return sourceCode.getText(unwrap(first))
      }
      return undefined
    }

    function checkCall(node: TSESTree.CallExpression): void {
      const callee = unwrap(node.callee)
      if (callee.type !== 'MemberExpression') return
      const name = memberName(sourceCode, callee)
      const last = node.arguments.at(-1)
      if (!name || !last) return
      if (name === 'enterWith' && holdsHandle(last)) {
        report(node, 'enterWith')
        return
      }
      const receiver = unwrap(callee.object)
      if (receiver.type === 'Identifier' && applications.has(receiver.name) && registrations.has(name)) {
        if (node.arguments.length === 2 && holdsHandle(last)) report(node, 'application')
        return
      }
      if (!collectionWrites.has(name) || !holdsHandle(last)) return
      const place = sharedPlace(callee.object, sourceCode)
      if (!place || isWeak(receiver)) return
      if (name === 'set' && node.arguments.length >= 2 && place === 'module')
        checkKey(node, node.arguments[0] as Node, node.arguments[1] as Node)
      else report(node, place)
    }

    function isWeak(node: Node): boolean {
      if (node.type !== 'Identifier') return false
      const init = initOf(variableOf(sourceCode, node))
      return (
        init?.type === 'NewExpression' && init.callee.type === 'Identifier' && /^Weak/.test(init.callee.name)
      )
    }

    return {
      AssignmentExpression: checkAssignment,
      VariableDeclarator: checkDeclaration,
      CallExpression: checkCall,
      PropertyDefinition(node) {
        if (node.static && node.value && holdsHandle(node.value)) report(node.value, 'module')
      },
      ExportDefaultDeclaration(node) {
        if (holdsHandle(node.declaration)) report(node.declaration, 'module')
      },
    }
  },
})

/** The call or `new` in this file that made a handle. */
function madeBy(value: AbstractValue): TSESTree.NewExpression | TSESTree.CallExpression | undefined {
  if (value.kind === 'instance') return value.node
  return value.kind === 'result' && value.call.type === 'CallExpression' ? value.call : undefined
}
