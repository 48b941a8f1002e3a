import type { TSESTree } from '@typescript-eslint/utils'
import { type AbstractValues, instancesOf, isConstructible } from './abstract-value.ts'
import { type Evaluation, nothing } from './evaluation.ts'
import { literalString, type Node } from './syntax.ts'
import { findVariable, type Variable } from './variables.ts'

/** Generic types whose first parameter says what they hold. */
const wrappers = new Set([
  'Promise',
  'PromiseLike',
  'Awaited',
  'NonNullable',
  'Readonly',
  'Partial',
  'Required',
  'Pick',
  'Omit',
])
/** Generic types and classes that hold several of one thing, given last. */
export const collections: ReadonlySet<string> = new Set([
  'Map',
  'WeakMap',
  'Record',
  'Array',
  'ReadonlyArray',
  'ReadonlyMap',
  'Set',
])

/** Evaluates types as they are written, without a compiler: what something annotated with one may hold. */
export function createTypeEvaluator(evaluation: Evaluation): Pick<Evaluation, 'evaluateType' | 'annotated'> {
  const { sourceCode, evaluate, exported, once, propertyOf, resultOf } = evaluation
  return { evaluateType, annotated }

  function evaluateType(node: TSESTree.TypeNode): AbstractValues {
    return once(node, () => ofType(node))
  }

  function annotated(node: Node): AbstractValues {
    const annotation = (node as { typeAnnotation?: TSESTree.TSTypeAnnotation }).typeAnnotation
    return annotation ? evaluateType(annotation.typeAnnotation) : nothing
  }

  function ofType(node: TSESTree.TypeNode): AbstractValues {
    switch (node.type) {
      case 'TSUnionType':
      case 'TSIntersectionType':
        return node.types.flatMap(evaluateType)
      case 'TSTypeLiteral':
        return [{ kind: 'interface', members: node.members }]
      case 'TSArrayType':
        return [{ kind: 'collection', elements: () => evaluateType(node.elementType) }]
      case 'TSTypeOperator':
        return node.typeAnnotation ? evaluateType(node.typeAnnotation) : nothing
      case 'TSFunctionType':
        return [{ kind: 'signature', node }]
      case 'TSTypeQuery':
        return node.exprName.type === 'TSImportType' ? nothing : ofEntity(node.exprName)
      case 'TSImportType': {
        const name = node.qualifier?.type === 'Identifier' ? node.qualifier.name : undefined
        const source = 'source' in node ? node.source : undefined
        return instancesOf(exported(literalString(source), name ? [name] : []))
      }
      case 'TSTypeReference':
        return referencedType(node)
      default:
        return nothing
    }
  }

  function ofEntity(name: TSESTree.EntityName): AbstractValues {
    if (name.type === 'TSQualifiedName')
      return ofEntity(name.left).flatMap((value) => propertyOf(value, name.right.name))
    return evaluate(name)
  }

  function referencedType(node: TSESTree.TSTypeReference): AbstractValues {
    const { typeName } = node
    const params = node.typeArguments?.params ?? []
    if (typeName.type === 'Identifier') {
      const { name } = typeName
      const variable = findVariable(sourceCode, node, name)
      const definition = variable?.defs[0]
      if (definition?.node.type === 'TSTypeParameter')
        return definition.node.constraint ? evaluateType(definition.node.constraint) : nothing
      if (definition?.node.type === 'TSTypeAliasDeclaration')
        return evaluateType(definition.node.typeAnnotation)
      if (definition?.node.type === 'TSInterfaceDeclaration') return interfaceShape(variable as Variable)
      if (!definition || definition.type === ('ImplicitGlobalVariable' as string)) {
        const last = params.at(-1)
        if (wrappers.has(name) && params[0]) return evaluateType(params[0])
        if (collections.has(name) && last) return [{ kind: 'collection', elements: () => evaluateType(last) }]
        if (name === 'ReturnType' && params[0])
          return evaluateType(params[0]).flatMap((value) => resultOf(value, node))
        if (name === 'InstanceType' && params[0]) return instancesOf(evaluateType(params[0]))
      }
    }
    return instancesOf(ofEntity(typeName).filter(isConstructible))
  }

  function interfaceShape(variable: Variable): AbstractValues {
    return variable.defs.flatMap(({ node }) => {
      if (node.type !== 'TSInterfaceDeclaration') return nothing
      const inherited = node.extends.flatMap(({ expression }) => {
        if (expression.type !== 'Identifier') return nothing
        const base = findVariable(sourceCode, node, expression.name)
        if (base?.defs[0]?.node.type === 'TSInterfaceDeclaration') return interfaceShape(base)
        return instancesOf(evaluate(expression))
      })
      return [{ kind: 'interface', members: node.body.body }, ...inherited]
    })
  }
}
