import { memberName } from './names.ts'
import { type Node, type SourceCode, unwrap } from './syntax.ts'
import { pushedTo } from './variable-uses.ts'
import { initOf, variableOf } from './variables.ts'

/** What a list holds, as far as its elements are written out. */
interface ListElements {
  /** `undefined` where none can be seen. */
  readonly items?: readonly Node[] | undefined
  /** Whether there may be more. */
  readonly open: boolean
}

export function listElements(node: Node, sourceCode: SourceCode): ListElements {
  const inner = unwrap(node)
  switch (inner.type) {
    case 'ArrayExpression': {
      let open = false
      const items = inner.elements.flatMap((element): readonly Node[] => {
        if (!element) return []
        if (element.type !== 'SpreadElement') return [element]
        const spread = spreadElements(element.argument, sourceCode)
        open ||= spread.open || !spread.items
        return spread.items ?? []
      })
      return { items, open }
    }
    case 'CallExpression': {
      if (inner.callee.type !== 'MemberExpression') return { open: true }
      const name = memberName(sourceCode, inner.callee)
      if (name === 'filter') return listElements(inner.callee.object, sourceCode)
      return name === 'concat'
        ? { ...listElements(inner.callee.object, sourceCode), open: true }
        : { open: true }
    }
    case 'Identifier': {
      const variable = variableOf(sourceCode, inner)
      const init = initOf(variable)
      if (!variable || !init) return { open: true }
      const { items, open } = listElements(init, sourceCode)
      return { items: items && [...items, ...pushedTo(variable, sourceCode)], open }
    }
    default:
      return { open: true }
  }
}

function spreadElements(node: Node, sourceCode: SourceCode): ListElements {
  const inner = unwrap(node)
  if (inner.type !== 'ConditionalExpression') return listElements(inner, sourceCode)
  const branches = [inner.consequent, inner.alternate].map((branch) => listElements(branch, sourceCode))
  if (!branches.every(({ items }) => items)) return { open: true }
  // What is in the list on one path only cannot be counted on.
  return { items: [], open: branches.some(({ items, open }) => open || items?.length) }
}
