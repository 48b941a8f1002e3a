import type { TSESTree } from '@typescript-eslint/utils'
import { pathTo } from '../code/patterns.ts'
import {
  enclosing,
  findVariable,
  isFunction,
  isOfFile,
  isSetBefore,
  type Node,
  type SourceCode,
  spelling,
  unwrap,
  type Variable,
  walk,
} from '../code/syntax.ts'
import type { Values } from '../code/value.ts'
import { findFallback } from './fallback.ts'
import { isGuarded, subjectsOf } from './guards.ts'
import { createOrigins } from './origin.ts'
import { ownUserField, userNames } from './user-fields.ts'

/** Where login libraries leave who is signed in: on the request, or in what they return. */
const identity =
  /^(?:(?:req|request|ctx|context)\.(?:state\.)?)?(?:(?:session\.)?(?:user|currentUser)\.(?:id|userId|sub)|session\.userId|auth\.(?:userId|payload\.sub))$/

/**
 * The expression for the user that the code at a place works for. Nothing when there is none or more than one, or when
 * the caller of the service can choose it, it is the same for everybody, or it may not be set there.
 */
export function userInScope(at: Node, sourceCode: SourceCode, values: Values): string | undefined {
  const origins = createOrigins(sourceCode, values, [])
  const isVerified = (id: Node): boolean => !origins.of(id) && !findFallback(id, sourceCode, values)

  const variables = userNames
    .flatMap((name) => findVariable(sourceCode, at, name) ?? [])
    .filter((variable) => isUsable(variable, at, sourceCode) && isVerified(variable.defs[0]!.name))
  const copied = new Set(variables.map((variable) => sourceOf(variable, sourceCode)))
  const members = identitiesBefore(at, sourceCode)
    .filter((member) => !copied.has(spelling(sourceCode, member)))
    .filter((member) => isThere(member, at, sourceCode) && isVerified(member))
  const found = new Set([
    ...variables.map(({ name }) => name),
    ...members.map((member) => sourceCode.getText(member).replaceAll('?.', '.')),
    ...ownUserField(at, sourceCode),
  ])
  return found.size === 1 ? [...found][0] : undefined
}

/** Whether a variable holds an id at a place, by what is written about it. */
function isUsable(variable: Variable, at: Node, sourceCode: SourceCode): boolean {
  const [definition] = variable.defs
  if (!definition || variable.defs.length > 1 || !isSetBefore(variable, at)) return false
  const name = definition.name as TSESTree.Identifier
  const type = name.typeAnnotation?.typeAnnotation
  if (type && !canBeText(type)) return false
  let isOpen = name.optional || type?.type === 'TSUnionType'
  if (definition.type === 'Variable') {
    const { init } = definition.node
    // What one request leaves in a variable of the file, the next one finds.
    if (isOfFile(variable) && definition.parent.kind !== 'const' && enclosing(at, isFunction)) return false
    isOpen ||= init ? sourceCode.getText(init).includes('?.') : definition.parent.kind !== 'const'
  } else if (definition.type !== 'Parameter') return false
  return !isOpen || isGuarded([variable.name], at, sourceCode, enclosing(name, isFunction))
}

/** Whether a written type is one of an id, perhaps beside `undefined`; a named one may be. */
function canBeText(type: TSESTree.TypeNode): boolean {
  if (type.type !== 'TSUnionType') return type.type === 'TSStringKeyword' || type.type === 'TSTypeReference'
  const present = type.types.filter(
    ({ type: kind }) => kind !== 'TSUndefinedKeyword' && kind !== 'TSNullKeyword',
  )
  return present.every(canBeText)
}

/** What a variable is a copy of: `req.user.id` for `const { id: userId } = req.user`. */
function sourceOf(variable: Variable, sourceCode: SourceCode): string | undefined {
  const [definition] = variable.defs
  if (definition?.type !== 'Variable' || !definition.node.init) return undefined
  const path = pathTo(definition.node.id, definition.name, sourceCode)
  return path && [spelling(sourceCode, unwrap(definition.node.init)), ...path].join('.')
}

/** The mentions of who is signed in that have been evaluated when the code at a place runs. */
function identitiesBefore(at: Node, sourceCode: SourceCode): TSESTree.MemberExpression[] {
  const found: TSESTree.MemberExpression[] = []
  for (let inner = at; inner.parent; inner = inner.parent) {
    const { parent }: Node = inner
    if (parent.type !== 'BlockStatement' && parent.type !== 'Program') continue
    const statements = parent.body as Node[]
    for (const statement of statements.slice(0, statements.indexOf(inner))) {
      const evaluated = evaluatedBy(statement)
      if (!evaluated) continue
      walk(sourceCode, evaluated, (node) => {
        if (isFunction(node)) return false
        if (node.type === 'MemberExpression' && identity.test(spelling(sourceCode, node))) found.push(node)
        return true
      })
    }
  }
  return found
}

/** The part of a statement that runs whenever the statement does. */
function evaluatedBy(statement: Node): Node | undefined {
  if (statement.type === 'IfStatement') return statement.test
  return statement.type === 'ExpressionStatement' || statement.type === 'VariableDeclaration'
    ? statement
    : undefined
}

/** Whether what is mentioned in one place is bound to the same in another, and is set there. */
function isThere(member: TSESTree.MemberExpression, at: Node, sourceCode: SourceCode): boolean {
  let root: Node = member
  while (root.type === 'MemberExpression') root = unwrap(root.object)
  if (root.type !== 'Identifier') return false
  const variable = findVariable(sourceCode, member, root.name)
  if (!variable || variable !== findVariable(sourceCode, at, root.name)) return false
  const subjects = subjectsOf(member, sourceCode)
  const isSure = !sourceCode.getText(member).includes('?.') && !isConditional(member)
  if (enclosing(member, isFunction) === enclosing(at, isFunction))
    return isSure || isGuarded(subjects, at, sourceCode)
  // What a test has shown, the compiler forgets within a callback.
  return isSure && !isGuarded(subjects, member, sourceCode)
}

/** Whether an expression is evaluated only when another one before it says so. */
function isConditional(node: Node): boolean {
  for (let inner = node; inner.parent && !inner.type.endsWith('Statement'); inner = inner.parent) {
    const { parent }: Node = inner
    if (parent.type === 'LogicalExpression' && parent.right === inner) return true
    if (parent.type === 'ConditionalExpression' && parent.test !== inner) return true
  }
  return false
}
