import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import type { Symbol as TypeSymbol } from 'typescript'
import { type AbstractValues, type Evaluator, importedFrom } from './abstract-value.ts'
import { createEvaluator } from './evaluate.ts'
import type { EvaluatorOptions } from './evaluation.ts'
import { type Parser, parsedFile } from './parsed-file.ts'
import type { Node, SourceCode } from './syntax.ts'
import { findVariable } from './variables.ts'

export interface ImportsOptions {
  readonly services: ParserServicesWithTypeInformation
  /** The parser of the file being linted. */
  readonly parser: Parser | undefined
  readonly follows: EvaluatorOptions['follows']
  /** Whether a file's text is worth parsing. */
  readonly mentions: (text: string) => boolean
}

/**
 * Follows an import into the file it comes from, for what the compiler gives up on: a value of type `any`.
 * Whether a file is worth following is decided by its text, so most are never parsed.
 */
export function followImports(options: ImportsOptions): (specifier: Node) => AbstractValues {
  const { services, parser, follows, mentions } = options
  const known = new Map<SourceCode, Evaluator>()

  return (specifier) => {
    if (!parser?.parseForESLint) return []
    const checker = services.program.getTypeChecker()
    const name = (specifier as { local?: Node }).local
    const imported = name && services.getSymbolAtLocation(name)
    if (!imported || !(imported.flags & alias)) return []
    const symbol = checker.getAliasedSymbol(imported)
    const declaration = symbol.declarations?.[0]
    const file = declaration?.getSourceFile()
    if (!file || file.isDeclarationFile || !mentions(file.text)) return []
    const sourceCode = parsedFile(file, parser)
    if (!sourceCode) return []
    const evaluator = known.get(sourceCode) ?? createEvaluator({ sourceCode, follows })
    known.set(sourceCode, evaluator)
    return exportedBy(sourceCode, symbol, evaluator).map((value) => importedFrom(value, evaluator))
  }
}

const alias = 2097152

function exportedBy(sourceCode: SourceCode, symbol: TypeSymbol, evaluator: Evaluator): AbstractValues {
  const body = sourceCode.ast.body as readonly Node[]
  if (symbol.name === 'default') {
    const statement = body.find((node) => node.type === 'ExportDefaultDeclaration')
    if (statement) return evaluator.evaluate(statement.declaration)
  }
  const declared = (symbol.valueDeclaration as { name?: { text?: string } } | undefined)?.name?.text
  const variable = findVariable(sourceCode, body.at(-1) ?? sourceCode.ast, declared ?? symbol.name)
  return variable ? evaluator.evaluateVariable(variable) : []
}
