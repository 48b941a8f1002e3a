import type { TSESTree } from '@typescript-eslint/utils'
import { keyName, memberName } from '../analysis/names.ts'
import { isFunction, type Node, type SourceCode, walk } from '../analysis/syntax.ts'
import { findVariable } from '../analysis/variables.ts'
import { isTrustedParameter } from './trusted-parameter.ts'

/** What code calls the id of the user it works for. */
export const userNames: readonly string[] = ['userId', 'user_id', 'currentUserId', 'uid']

/** The fields of the class around a place that its constructor sets to a user, and nothing else does: `this.userId`. */
export function ownUserField(at: Node, sourceCode: SourceCode): string[] {
  const body = classOfMethod(at)
  if (!body) return []
  return userNames
    .flatMap((name) => [name, `#${name}`])
    .filter(isUser)
    .map((name) => `this.${name}`)

  function isUser(name: string): boolean {
    const given: Node[] = []
    for (const member of body!.body) {
      if (!('key' in member)) continue
      if (member.type === 'MethodDefinition' && member.kind === 'constructor')
        for (const param of member.value.params) {
          if (param.type !== 'TSParameterProperty') continue
          if (param.parameter.type === 'Identifier' && param.parameter.name === name)
            given.push(param.parameter)
        }
      else if (keyName(sourceCode, member) === name && !isPlainField(member)) return false
    }
    walk(sourceCode, body!, (node) => {
      if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression') return
      if (node.left.object.type !== 'ThisExpression' || memberName(sourceCode, node.left) !== name) return
      given.push(node.right)
    })
    return given.length === 1 && isText(given[0]!)
  }

  /** A parameter of the constructor that holds a string; without a type, as in JavaScript, it is assumed to. */
  function isText(value: Node): boolean {
    const variable = value.type === 'Identifier' && findVariable(sourceCode, value, value.name)
    if (!variable || !isTrustedParameter(variable, sourceCode)) return false
    const { name, node } = variable.defs[0]!
    const { typeAnnotation, optional } = name as TSESTree.Identifier
    const type = typeAnnotation?.typeAnnotation.type ?? 'TSStringKeyword'
    return (
      type === 'TSStringKeyword' &&
      !optional &&
      node.parent?.type === 'MethodDefinition' &&
      node.parent.kind === 'constructor' &&
      node.parent.parent === body
    )
  }
}

/** Whether a field holds what the constructor gives it: neither computed, nor set where it is declared. */
function isPlainField(member: TSESTree.ClassElement): boolean {
  if (member.type !== 'PropertyDefinition' || member.static || member.optional || member.value) return false
  return !member.typeAnnotation || member.typeAnnotation.typeAnnotation.type === 'TSStringKeyword'
}

/** The body of the class whose instance `this` is, where all of its fields are set. */
function classOfMethod(at: Node): TSESTree.ClassBody | undefined {
  for (let inner = at; inner.parent; inner = inner.parent) {
    const { parent }: Node = inner
    if (parent.type === 'MethodDefinition' && parent.value === inner)
      return parent.static || parent.kind === 'constructor' ? undefined : parent.parent
    if (parent.type === 'PropertyDefinition' && parent.value === inner)
      return parent.static || inner.type !== 'ArrowFunctionExpression' ? undefined : parent.parent
    if (isFunction(inner) && inner.type !== 'ArrowFunctionExpression') return undefined
  }
  return undefined
}
