import type { TSESLint } from '@typescript-eslint/utils'
import type { Program, SourceFile } from 'typescript'
import type { Node, SourceCode } from './syntax.ts'

/** A parser as ESLint takes it. */
export interface Parser {
  parseForESLint?(
    text: string,
    options: object,
  ): {
    ast: Node
    services?: TSESLint.SourceCode['parserServices']
    scopeManager?: TSESLint.Scope.ScopeManager | null
    visitorKeys?: TSESLint.SourceCode['visitorKeys']
  }
}

const files = new WeakMap<SourceFile, SourceCode | null>()

/** Another file of the program as a rule would see it; `null` when the parser refuses it. */
export function parsedFile(file: SourceFile, parser: Parser): SourceCode | null {
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

/** The same without remembering it; with a program, the file has its types. Throws what the parser throws. */
export function parse(file: SourceFile, parser: Parser, program?: Program): SourceCode | null {
  const { ast, scopeManager, visitorKeys, services } = parser.parseForESLint!(file.text, {
    filePath: file.fileName,
    ecmaFeatures: { jsx: /x$/.test(file.fileName) },
    sourceType: 'module',
    range: true,
    loc: true,
    // Hundreds of global variables for each file otherwise, which nothing here looks at.
    lib: [],
    ...(program && { programs: [program] }),
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
    text: file.text,
    visitorKeys,
    scopeManager,
    parserServices: services,
    getScope,
    getText: (node: Node) => file.text.slice(...node.range),
    getDeclaredVariables: (node: Node) => scopeManager.getDeclaredVariables(node),
  }
  return source as unknown as SourceCode
}
