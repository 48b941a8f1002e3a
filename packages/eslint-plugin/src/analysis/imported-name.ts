import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from './abstract-value.ts'
import type { Node, SourceCode } from './syntax.ts'
import { isSetBefore, type Variable, visibleVariables } from './variables.ts'

export interface ImportedName {
  /** The name it has at the place that asks. */
  readonly name: string
  /** Writes the import where there is none yet. */
  readonly add?: (fixer: TSESLint.RuleFixer) => TSESLint.RuleFix
}

/**
 * How code at a place names an export of a module. `undefined` where the name means something else there, or where the
 * file shows no way to import it.
 */
export function importedName(
  exported: string,
  module: string,
  at: Node,
  { sourceCode, evaluator }: { readonly sourceCode: SourceCode; readonly evaluator: Evaluator },
): ImportedName | undefined {
  const visible = visibleVariables(sourceCode, at)
  const imported = visible.find((variable) => isImported(variable) && isSetBefore(variable, at))
  if (imported) return { name: imported.name }
  if (visible.some(({ name }) => name === exported)) return undefined
  const add = addImport(exported, module, at, sourceCode)
  return add && { name: exported, add }

  function isImported(variable: Variable): boolean {
    const [definition] = variable.defs
    const kinds = definition
      ? [definition.node, definition.parent].map(
          (node) => (node as { importKind?: string } | null)?.importKind,
        )
      : []
    if (kinds.includes('type')) return false
    return evaluator
      .evaluateVariable(variable)
      .some(
        (value) =>
          value.kind === 'export' &&
          value.module === module &&
          value.path.length === 1 &&
          value.path[0] === exported,
      )
  }
}

/** An import after those that are there, in their style. */
function addImport(
  exported: string,
  module: string,
  at: Node,
  sourceCode: SourceCode,
): ImportedName['add'] | undefined {
  const { body } = sourceCode.ast
  const imports = body.filter((statement) => statement.type === 'ImportDeclaration')
  const beside = imports.find(
    ({ source, importKind, specifiers }) =>
      source.value === module && importKind !== 'type' && specifiers.at(-1)?.type === 'ImportSpecifier',
  )
  const last = beside?.specifiers.at(-1)
  if (last) return (fixer) => fixer.insertTextAfter(last, `, ${exported}`)
  const lastImport = imports.at(-1)
  if (lastImport)
    return (fixer) => fixer.insertTextAfter(lastImport, after(lastImport, `import { ${exported} } from`))
  // Unlike an import, a require has to stand before the code that uses it.
  const lastRequire = body.findLast((statement) => statement.range[1] <= at.range[0] && requires(statement))
  return (
    lastRequire &&
    ((fixer) => fixer.insertTextAfter(lastRequire, after(lastRequire, `const { ${exported} } = require`)))
  )

  function after(statement: TSESTree.ProgramStatement, start: string): string {
    const text = sourceCode.getText(statement)
    const quote = /["'](?=\)?;?$)/.exec(text)?.[0] ?? "'"
    const named = `${quote}${module}${quote}`
    const line = start.endsWith('require') ? `${start}(${named})` : `${start} ${named}`
    return `${sourceCode.text.includes('\r\n') ? '\r\n' : '\n'}${line}${text.endsWith(';') ? ';' : ''}`
  }
}

/** `const x = require('…')`, also with a member read from it. */
function requires(statement: TSESTree.ProgramStatement): boolean {
  if (statement.type !== 'VariableDeclaration') return false
  let init = statement.declarations[0]?.init as Node | null | undefined
  while (init?.type === 'MemberExpression') init = init.object
  return (
    init?.type === 'CallExpression' && init.callee.type === 'Identifier' && init.callee.name === 'require'
  )
}
