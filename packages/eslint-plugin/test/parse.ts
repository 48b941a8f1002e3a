import { join } from 'node:path'
import * as parser from '@typescript-eslint/parser'
import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import { SourceCode as ParsedCode } from 'eslint'
import type { AbstractValue, AbstractValues, Evaluator } from '../src/analysis/abstract-value.ts'
import { createEvaluator } from '../src/analysis/evaluate.ts'
import type { EvaluatorOptions } from '../src/analysis/evaluation.ts'
import type { Entry, Shape } from '../src/analysis/object-shapes.ts'
import { type Node, type SourceCode, walk } from '../src/analysis/syntax.ts'
import { findVariable, type Variable } from '../src/analysis/variables.ts'

const folder = join(import.meta.dirname, 'fixtures/typed')

/** A snippet as a rule is given it. */
export const parse = (code: string): SourceCode => parsed(code, { sourceType: 'module' })

/** A snippet with its types, as a file beside the fixtures that it may import from. */
export function parseTyped(code: string): {
  readonly sourceCode: SourceCode
  readonly services: ParserServicesWithTypeInformation
} {
  const sourceCode = parsed(code, {
    filePath: join(folder, 'file.ts'),
    projectService: true,
    tsconfigRootDir: folder,
  })
  return { sourceCode, services: sourceCode.parserServices as ParserServicesWithTypeInformation }
}

function parsed(code: string, options: parser.ParserOptions): SourceCode {
  const { ast, scopeManager, visitorKeys, services } = parser.parseForESLint(code, {
    ...options,
    range: true,
    loc: true,
  })
  const sourceCode = new ParsedCode({
    text: code,
    ast,
    scopeManager,
    visitorKeys,
    parserServices: services,
  } as never)
  // It is while ESLint walks a file that nodes learn their parents.
  sourceCode.traverse()
  return sourceCode as unknown as SourceCode
}

/** The last node of a snippet that is spelled so; of several, the outermost. */
export function nodeOf(sourceCode: SourceCode, text: string, type?: string): Node {
  const found: Node[] = []
  walk(sourceCode, sourceCode.ast, (node) => {
    if (sourceCode.getText(node) === text && (!type || node.type === type)) found.push(node)
  })
  const last = found.at(-1)?.range[0]
  const node = found.find(({ range }) => range[0] === last)
  if (!node) throw new Error(`no ${text} in ${sourceCode.text}`)
  return node
}

/** A variable of a snippet, as its last line sees it. */
export function variableIn(sourceCode: SourceCode, name: string): Variable {
  const variable = findVariable(sourceCode, sourceCode.ast.body.at(-1)!, name)
  if (!variable) throw new Error(`no variable ${name} in ${sourceCode.text}`)
  return variable
}

/** An evaluator of a snippet that follows the module "sdk". */
export const evaluatorOf = (sourceCode: SourceCode, options: Partial<EvaluatorOptions> = {}): Evaluator =>
  createEvaluator({ sourceCode, follows: (module) => module === 'sdk', ...options })

/** What the last statement of a snippet, an expression, may hold. */
export function evaluated(code: string, options?: Partial<EvaluatorOptions>): readonly string[] {
  const sourceCode = parse(code)
  const last = sourceCode.ast.body.at(-1)
  if (last?.type !== 'ExpressionStatement') throw new Error(`no expression at the end of ${code}`)
  return described(evaluatorOf(sourceCode, options).evaluate(last.expression))
}

/** Values in words: `new sdk.Client`, `sdk.open()`, `[sdk.Client]`. */
export const described = (values: AbstractValues): readonly string[] => values.map(describe)

function describe(value: AbstractValue): string {
  switch (value.kind) {
    case 'export':
      return [value.module, ...value.path].join('.')
    case 'instance':
      return `new ${describe(value.of)}`
    case 'result':
      return `${describe(value.of)}()`
    case 'member':
      return `${describe(value.of)}.${value.name}`
    case 'class':
      return `class ${value.node.id?.name ?? ''}`.trim()
    case 'collection':
      return `[${described(value.elements()).join(', ')}]`
    case 'imported':
      return `imported ${describe(value.of)}`
    default:
      return value.kind
  }
}

/** A shape in words: `{ userId, filters?, ... }`. */
export const shapeText = (shape: Shape): string =>
  shape.kind === 'object' ? `{ ${shape.entries.map(entryText).join(', ')} }` : shape.kind

function entryText(entry: Entry): string {
  if (entry.kind === 'property') return `${entry.key}${entry.optional ? '?' : ''}`
  return entry.without ? `... but ${entry.without.join()}` : '...'
}
