import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import type { Type, TypeReference } from 'typescript'
import type { Node, SourceCode } from './syntax.ts'

/**
 * The columns of a table by the type of an expression: the properties of what stands under a name of `at` in the type, or in one
 * of its type arguments. `undefined` where there is no such thing, or the parser gives no types.
 */
export function typeColumns(
  node: Node,
  at: readonly string[],
  { parserServices }: SourceCode,
): readonly string[] | undefined {
  if (!parserServices?.program) return undefined
  const services = parserServices as ParserServicesWithTypeInformation
  const checker = services.program.getTypeChecker()
  const type = services.getTypeAtLocation(node)
  for (const candidate of [type, ...argumentsOf(type)])
    for (const name of at) {
      const property = checker.getPropertyOfType(checker.getApparentType(candidate), name)
      if (!property) continue
      return checker.getPropertiesOfType(checker.getTypeOfSymbol(property)).map((column) => column.name)
    }
  return undefined

  function argumentsOf(of: Type): readonly Type[] {
    const reference = 4
    const isReference = ((of as { objectFlags?: number }).objectFlags ?? 0) & reference
    return isReference ? checker.getTypeArguments(of as TypeReference) : (of.aliasTypeArguments ?? [])
  }
}
