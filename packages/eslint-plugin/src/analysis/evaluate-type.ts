import type { TSESTree } from '@typescript-eslint/utils'
import { findVariable, literalString, type Node, type SourceCode, type Variable } from './syntax.ts'
import { isConstructible, type Value, type Values } from './abstract-value.ts'

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
const nothing: readonly Value[] = []

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

export interface TypeReader extends Pick<Values, 'of' | 'property' | 'result'> {
  /** Something a module exports, if the module is one that is followed. */
  exported(module: unknown, path: readonly string[]): readonly Value[]
  /** Works something out once per node. */
  remembered(node: Node, compute: () => readonly Value[]): readonly Value[]
}

/** Reads types as they are written, without a compiler: what something annotated with one may hold. */
export function createWrittenTypes(
  sourceCode: SourceCode,
  reader: TypeReader,
): (node: TSESTree.TypeNode) => readonly Value[] {
  function ofType(node: TSESTree.TypeNode): readonly Value[] {
    return reader.remembered(node, () => evaluateType(node))
  }

  function evaluateType(node: TSESTree.TypeNode): readonly Value[] {
    switch (node.type) {
      case 'TSUnionType':
      case 'TSIntersectionType':
        return node.types.flatMap(ofType)
      case 'TSTypeLiteral':
        return [{ kind: 'shape', members: node.members }]
      case 'TSArrayType':
        return [{ kind: 'collection', of: () => ofType(node.elementType) }]
      case 'TSTypeOperator':
        return node.typeAnnotation ? ofType(node.typeAnnotation) : nothing
      case 'TSFunctionType':
        return [{ kind: 'signature', node }]
      case 'TSTypeQuery':
        return node.exprName.type === 'TSImportType' ? nothing : ofEntity(node.exprName)
      case 'TSImportType': {
        const name = node.qualifier?.type === 'Identifier' ? node.qualifier.name : undefined
        const source = 'source' in node ? node.source : undefined
        return reader.exported(literalString(source as Node), name ? [name] : []).map((of) => ({
          kind: 'instance',
          of,
        }))
      }
      case 'TSTypeReference':
        return referencedType(node)
      default:
        return nothing
    }
  }

  function ofEntity(name: TSESTree.EntityName): readonly Value[] {
    if (name.type === 'TSQualifiedName')
      return ofEntity(name.left).flatMap((value) => reader.property(value, name.right.name))
    return reader.of(name)
  }

  function referencedType(node: TSESTree.TSTypeReference): readonly Value[] {
    const { typeName } = node
    const params = node.typeArguments?.params ?? []
    if (typeName.type === 'Identifier') {
      const { name } = typeName
      const variable = findVariable(sourceCode, node, name)
      const definition = variable?.defs[0]
      if (definition?.node.type === 'TSTypeParameter')
        return definition.node.constraint ? ofType(definition.node.constraint) : nothing
      if (definition?.node.type === 'TSTypeAliasDeclaration') return ofType(definition.node.typeAnnotation)
      if (definition?.node.type === 'TSInterfaceDeclaration') return interfaceShape(variable as Variable)
      if (!definition || definition.type === ('ImplicitGlobalVariable' as string)) {
        const last = params.at(-1)
        if (wrappers.has(name) && params[0]) return ofType(params[0])
        if (collections.has(name) && last) return [{ kind: 'collection', of: () => ofType(last) }]
        if (name === 'ReturnType' && params[0])
          return ofType(params[0]).flatMap((value) => reader.result(value, node))
        if (name === 'InstanceType' && params[0])
          return ofType(params[0]).map((value) => ({ kind: 'instance', of: value }))
      }
    }
    return ofEntity(typeName)
      .filter(isConstructible)
      .map((value) => ({ kind: 'instance', of: value }))
  }

  function interfaceShape(variable: Variable): readonly Value[] {
    return variable.defs.flatMap(({ node }) => {
      if (node.type !== 'TSInterfaceDeclaration') return nothing
      const inherited = node.extends.flatMap(({ expression }) => {
        if (expression.type !== 'Identifier') return nothing
        const base = findVariable(sourceCode, node, expression.name)
        if (base?.defs[0]?.node.type === 'TSInterfaceDeclaration') return interfaceShape(base)
        return reader.of(expression).map((value): Value => ({ kind: 'instance', of: value }))
      })
      return [{ kind: 'shape', members: node.body.body }, ...inherited]
    })
  }

  return ofType
}
