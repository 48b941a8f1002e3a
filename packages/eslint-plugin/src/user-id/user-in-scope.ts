import type { TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { enclosing, isFunction, type Node, type SourceCode, unwrap, walk } from '../analysis/syntax.ts'
import { findVariable, isSetBefore, type Variable } from '../analysis/variables.ts'
import { subjectsOf } from './guards.ts'
import { loginOf } from './login.ts'
import { createOrigins } from './origin.ts'
import { isTrustedParameter } from './trusted-parameter.ts'
import { ownUserField, userNames } from './user-fields.ts'
import { userIsSet } from './user-tests.ts'

/**
 * The expression for the user that the code at a place works for: the one who is signed in, or a parameter or field of
 * that name that the service fills in. `undefined` when there are several, or when one may be missing or somebody else.
 */
export function userInScope(at: Node, sourceCode: SourceCode, evaluator: Evaluator): string | undefined {
  const origins = createOrigins(sourceCode, evaluator, [])
  /** How each user is written, keyed by what it is read from. */
  const found = new Map<string, string>()
  for (const name of userNames) {
    const variable = findVariable(sourceCode, at, name)
    if (!variable) continue
    const source = sourceOf(variable)
    // The code may work for this one, whoever else it mentions.
    if (source === undefined) return undefined
    found.set(source, name)
  }
  for (const member of membersBefore(at, sourceCode)) {
    const login = loginOf(member, sourceCode, origins)
    if (login === undefined || found.has(login) || !isThere(member)) continue
    found.set(login, sourceCode.getText(member).replaceAll('?.', '.'))
  }
  for (const field of ownUserField(at, sourceCode)) found.set(field, field)
  return found.size === 1 ? [...found.values()][0] : undefined

  /** What a variable holds at the place, if it is a user. */
  function sourceOf(variable: Variable): string | undefined {
    const definition = variable.defs[0]!
    const name = definition.name as TSESTree.Identifier
    const type = name.typeAnnotation?.typeAnnotation
    if (!isSetBefore(variable, at) || !isText(type) || origins.of(name)) return undefined
    const init = definition.type === 'Variable' ? definition.node.init : null
    const source = init
      ? loginOf(name, sourceCode, origins)
      : isTrustedParameter(variable, sourceCode)
        ? variable.name
        : undefined
    const isOpen =
      name.optional ||
      type?.type === 'TSUnionType' ||
      (init && (unwrap(init).type === 'CallExpression' || sourceCode.getText(init).includes('?.')))
    const isSet = saidOf([variable.name], name)
    const isSourceSet = init ? saidOf(subjectsOf(init, sourceCode), name) : undefined
    return isSourceSet !== false && (isOpen ? isSet : isSet !== false) ? source : undefined
  }

  /** Whether an earlier mention means the same at the place, and is set there. */
  function isThere(member: TSESTree.MemberExpression): boolean {
    let root: Node = member
    while (root.type === 'MemberExpression') root = unwrap(root.object)
    if (root.type !== 'Identifier') return false
    if (findVariable(sourceCode, member, root.name) !== findVariable(sourceCode, at, root.name)) return false
    const isSet = saidOf(subjectsOf(member, sourceCode), member)
    const isOpen = sourceCode.getText(member).includes('?.') || isConditional(member)
    return (isOpen ? isSet : isSet !== false) === true && !origins.of(member)
  }

  function saidOf(subjects: readonly string[], declared: Node): boolean | undefined {
    return userIsSet(subjects, at, enclosing(declared, isFunction) ?? sourceCode.ast, sourceCode, origins)
  }
}

/** Whether a written type is that of an id, perhaps beside `undefined`. */
function isText(type: TSESTree.TypeNode | undefined): boolean {
  if (type?.type !== 'TSUnionType') return !type || type.type === 'TSStringKeyword'
  return type.types.every(
    ({ type: kind }) =>
      kind === 'TSStringKeyword' || kind === 'TSUndefinedKeyword' || kind === 'TSNullKeyword',
  )
}

/** The members that the function around a place has read when the code there runs. */
function membersBefore(at: Node, sourceCode: SourceCode): TSESTree.MemberExpression[] {
  const found: TSESTree.MemberExpression[] = []
  for (let inner = at; inner.parent && !isFunction(inner); inner = inner.parent) {
    const { parent }: Node = inner
    if (parent.type !== 'BlockStatement' && parent.type !== 'Program') continue
    const statements = parent.body as Node[]
    for (const statement of statements.slice(0, statements.indexOf(inner))) {
      const evaluated = evaluatedBy(statement)
      if (!evaluated) continue
      walk(sourceCode, evaluated, (node) => {
        if (node.type === 'MemberExpression') found.push(node)
        return !isFunction(node)
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

/** Whether an expression is evaluated only when another one before it says so. */
function isConditional(node: Node): boolean {
  for (let inner = node; inner.parent && !inner.type.endsWith('Statement'); inner = inner.parent) {
    const { parent }: Node = inner
    if (parent.type === 'LogicalExpression' && parent.right === inner) return true
    if (parent.type === 'ConditionalExpression' && parent.test !== inner) return true
  }
  return false
}
