import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import type { SourceFile } from 'typescript'
import type { SourceCode } from './syntax.ts'

// Written against the shape of TypeScript's objects, so that the plugin never loads a compiler of its own.

/**
 * The type services of a file.
 *
 * @throws Error when the parser gave none, with what to write in the ESLint configuration.
 */
export function typeServices(rule: string, sourceCode: SourceCode): ParserServicesWithTypeInformation {
  const services = sourceCode.parserServices
  if (services?.program) return services as ParserServicesWithTypeInformation
  throw new Error(
    `scoped-memory/${rule} needs type information, and the parser gave none for this file. ` +
      `Set languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } } for the files it runs on ` +
      `(typescript-eslint needs TypeScript below 6.1 for that; TypeScript 7 can be installed beside it), ` +
      `or use the preset "recommended" or "strict", which need no types.`,
  )
}

/** The file being linted, as the compiler knows it. */
export const fileOf = (services: ParserServicesWithTypeInformation, sourceCode: SourceCode): SourceFile =>
  services.esTreeNodeToTSNodeMap.get(sourceCode.ast)
