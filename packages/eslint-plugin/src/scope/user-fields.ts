import type { TSESTree } from '@typescript-eslint/utils'
import { isFunction, keyName, memberName, type Node, type SourceCode, walk } from '../code/syntax.ts'

/** What code calls the id of the user it works for. */
export const userNames: readonly string[] = ['userId', 'user_id', 'currentUserId', 'uid']

/** The fields of the class around a method that hold its user: `this.userId`, `this.#userId`. */
export function ownUserField(at: Node, sourceCode: SourceCode): string[] {
  const body = classOfMethod(at)
  if (!body) return []
  const names = new Set<string>()
  for (const member of body.body) {
    if (member.type === 'PropertyDefinition' && !member.static && !member.optional) addName(member)
    else if (member.type === 'MethodDefinition' && !member.static && member.kind === 'get') addName(member)
    else if (member.type === 'MethodDefinition' && member.kind === 'constructor') addFieldsOf(member.value)
  }
  return [...names].map((name) => `this.${name}`)

  function add(name: string | undefined): void {
    if (name !== undefined && userNames.includes(name.replace('#', ''))) names.add(name)
  }

  function addName(member: TSESTree.PropertyDefinition | TSESTree.MethodDefinition): void {
    add(keyName(sourceCode, member))
  }

  /** What a constructor keeps: its parameter properties, and what it assigns to `this`. */
  function addFieldsOf(fn: TSESTree.MethodDefinition['value']): void {
    for (const param of fn.params)
      if (param.type === 'TSParameterProperty' && param.parameter.type === 'Identifier')
        if (!param.parameter.optional) add(param.parameter.name)
    if (fn.body)
      walk(sourceCode, fn.body, (node) => {
        if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression') return
        if (node.left.object.type === 'ThisExpression') add(memberName(sourceCode, node.left))
      })
  }
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
