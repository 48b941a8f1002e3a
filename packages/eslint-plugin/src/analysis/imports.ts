import type { ParserServicesWithTypeInformation, TSESLint } from '@typescript-eslint/utils'
import type { SourceFile, Symbol as TypeSymbol } from 'typescript'
import { type AbstractValues, type Evaluator, importedFrom } from './abstract-value.ts'
import { createEvaluator } from './evaluate.ts'
import type { EvaluatorOptions } from './evaluation.ts'
import type { Node, SourceCode } from './syntax.ts'
import { findVariable } from './variables.ts'

interface Parser {
  parseForESLint?(
    text: string,
    options: object,
  ): {
    ast: Node
    scopeManager?: TSESLint.Scope.ScopeManager | null
    visitorKeys?: TSESLint.SourceCode['visitorKeys']
  }
}

export interface ImportsOptions {
  readonly services: ParserServicesWithTypeInformation
  /** The parser of the file being linted. */
  readonly parser: Parser | undefined
  readonly follows: EvaluatorOptions['follows']
  /** Whether a file's text is worth parsing. */
  readonly mentions: (text: string) => boolean
}

const files = new WeakMap<SourceFile, SourceCode | null>()

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
    const sourceCode = parsed(file, parser)
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

function parsed(file: SourceFile, parser: Parser): SourceCode | null {
  const known = files.get(file)
  if (known !== undefined) return known
  let sourceCode: SourceCode | null = null
  try {
    sourceCode = parse(file, parser)
  } catch {
    // A file that the parser refuses is reported when it is linted itself.
  }
  files.set(file, sourceCode)
  return sourceCode
}

function parse(file: SourceFile, parser: Parser): SourceCode | null {
  const { ast, scopeManager, visitorKeys } = parser.parseForESLint!(file.text, {
    filePath: file.fileName,
    ecmaFeatures: { jsx: /x$/.test(file.fileName) },
    sourceType: 'module',
    range: true,
    loc: true,
  })
  if (!scopeManager || !visitorKeys) return null
  const adopt = (node: Node): void => {
    for (const key of visitorKeys[node.type] ?? []) {
      const below = (node as unknown as Record<string, unknown>)[key]
      for (const child of Array.isArray(below) ? below : [below]) {
        if (!child) continue
        if ((child as Node).parent !== node) Object.assign(child as Node, { parent: node })
        adopt(child as Node)
      }
    }
  }
  adopt(ast)
  const getScope = (node: Node): TSESLint.Scope.Scope => {
    for (let at: Node | undefined = node; at; at = at.parent) {
      const scope = scopeManager.acquire(at, true)
      if (scope) return scope.type === 'function-expression-name' ? scope.childScopes[0]! : scope
    }
    return scopeManager.scopes[0]!
  }
  const source = {
    ast,
    visitorKeys,
    scopeManager,
    getScope,
    getText: (node: Node) => file.text.slice(...node.range),
    getDeclaredVariables: (node: Node) => scopeManager.getDeclaredVariables(node),
  }
  return source as unknown as SourceCode
}
