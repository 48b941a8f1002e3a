import { keyName } from './names.ts'
import type { Node, SourceCode } from './syntax.ts'

/** A property by its name, or an element by its position. */
export type Step = string | number

/** The steps from a pattern to the name it binds; none for another pattern's name. */
export function pathTo(pattern: Node, name: Node, sourceCode: SourceCode): Step[] | undefined {
  if (pattern === name) return []
  switch (pattern.type) {
    case 'AssignmentPattern':
      return pathTo(pattern.left, name, sourceCode)
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') {
          // What is left of an object is read like the object itself.
          const rest = pathTo(property.argument, name, sourceCode)
          if (rest) return rest
          continue
        }
        const rest = pathTo(property.value, name, sourceCode)
        const key = rest && keyName(sourceCode, property)
        if (rest) return key === undefined ? undefined : [key, ...rest]
      }
      return undefined
    case 'ArrayPattern':
      for (const [index, element] of pattern.elements.entries()) {
        const rest = element && pathTo(element, name, sourceCode)
        if (rest) return [index, ...rest]
      }
      return undefined
    default:
      return undefined
  }
}
