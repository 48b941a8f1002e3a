import type { TSESTree } from '@typescript-eslint/utils'
import { memberName } from '../analysis/names.ts'
import { pathTo } from '../analysis/patterns.ts'
import { type FunctionNode, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { isSetOnce } from '../analysis/variable-uses.ts'
import { type Variable, variableOf } from '../analysis/variables.ts'
import { logins } from './frameworks.ts'
import type { OriginReader } from './origin.ts'
import { isRequestName, requestNames } from './request-names.ts'
import { isOfAction, isTrustedParameter } from './trusted-parameter.ts'

const id = String.raw`(?:id|userId|sub)`
const auth = String.raw`auth\.(?:userId|payload\.sub)`
const onRequest = String.raw`(?:session\.)?(?:user|currentUser)\.${id}|session\.userId|${auth}`
const request = `(?:${requestNames('login').join('|')})`

/** Where login libraries leave who is signed in: on the request, or in the session that they return. */
const identity = new RegExp(
  String.raw`^(?:${request}\.(?:state\.)?(?:${onRequest})|session\.(?:userId|user\.${id})|${auth})$`,
)

/** What an expression is read from, where that is who is signed in: `req.user.id` for `me.id` of `me = req.user`. */
export function loginOf(node: Node, sourceCode: SourceCode, origins: OriginReader): string | undefined {
  const source = sourceOf(node, 0)
  return source !== undefined && identity.test(source) ? source : undefined

  function sourceOf(of: Node, depth: number): string | undefined {
    const inner = unwrap(of)
    if (inner.type === 'MemberExpression') {
      const object = sourceOf(inner.object, depth)
      const name = memberName(sourceCode, inner)
      return object !== undefined && name !== undefined ? `${object}.${name}` : undefined
    }
    if (inner.type === 'CallExpression') return isLogin(inner) ? 'session' : undefined
    if (inner.type !== 'Identifier' || depth > 5) return undefined
    const variable = variableOf(sourceCode, inner)
    return variable && ofVariable(variable, depth + 1)
  }

  function ofVariable(variable: Variable, depth: number): string | undefined {
    const [definition] = variable.defs
    if (!definition || !isSetOnce(variable)) return undefined
    if (definition.type === 'Parameter') {
      const path = (definition.node as FunctionNode).params.flatMap(
        (param) => pathTo(param, definition.name, sourceCode) ?? [],
      )
      const root = path[0] ?? variable.name
      if (!isRequestName(String(root), 'login'))
        return isTrustedParameter(variable, sourceCode) ? variable.name : undefined
      return isOfAction(definition.node) ? undefined : [root, ...path.slice(1)].join('.')
    }
    if (definition.type !== 'Variable' || !definition.node.init) return undefined
    // A default stands for somebody else.
    if (definition.name.parent?.type === 'AssignmentPattern') return undefined
    const path = pathTo(definition.node.id, definition.name, sourceCode)
    const source = path && sourceOf(definition.node.init, depth)
    return source === undefined ? undefined : [source, ...path!].join('.')
  }

  function isLogin({ callee, arguments: passed }: TSESTree.CallExpression): boolean {
    return (
      callee.type === 'Identifier' &&
      logins.has(callee.name) &&
      !passed.some((argument) => origins.of(argument))
    )
  }
}
