import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import type { Type } from 'typescript'
import type { Entry, Shape, ShapeLookup } from './object-shapes.ts'
import { literalString, type Node } from './syntax.ts'

/** The keys an expression's type says it has. */
export function typeShapes(services: ParserServicesWithTypeInformation): ShapeLookup {
  const anyOrUnknown = 3
  const checker = services.program.getTypeChecker()

  function ofType(type: Type, node: Node): readonly Shape[] {
    if (type.isUnion()) return type.types.flatMap((part) => ofType(part, node))
    if (type.flags & anyOrUnknown) return [{ kind: 'unknown', node }]
    const intrinsic = (type as { intrinsicName?: string }).intrinsicName
    if (intrinsic === 'undefined' || intrinsic === 'null' || intrinsic === 'false')
      return [{ kind: 'nothing', node }]
    if (intrinsic !== undefined || type.isStringLiteral() || type.isNumberLiteral())
      return [{ kind: intrinsic === 'object' || intrinsic === 'never' ? 'unknown' : 'primitive', node }]
    const members = checker.getPropertiesOfType(type)
    const open = members.length === 0 || checker.getIndexInfosOfType(type).length > 0
    if (open || type.isTypeParameter()) return [{ kind: 'unknown', node }]
    const entries = members.map((member): Entry => {
      const optional = (member.flags & 16777216) !== 0
      return { kind: 'property', key: member.name, value: node, optional, opaque: true }
    })
    return [{ kind: 'object', node, entries }]
  }

  return (node) => {
    if (literalString(node) !== undefined) return []
    return ofType(services.getTypeAtLocation(node), node)
  }
}
