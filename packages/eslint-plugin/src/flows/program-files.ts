import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import type { Node as CompilerNode, Program, SourceFile } from 'typescript'
import { type Parser, parse } from '../analysis/parsed-file.ts'
import type { Node, SourceCode } from '../analysis/syntax.ts'

/** One file of a program, with its types. */
export interface ProgramFile {
  readonly name: string
  readonly sourceCode: SourceCode
  readonly services: ParserServicesWithTypeInformation
}

interface Selection {
  /** Names of files; all of them where there are none. */
  readonly within?: ReadonlySet<string> | undefined
  readonly takes?: (file: SourceFile) => boolean
}

/** The files of a program that are written in the project, each parsed when it is first asked for. */
export interface ProgramFiles {
  readonly program: Program
  /** The files whose code has an identifier of this name, of those that the selection takes. */
  naming(name: string, selection?: Selection): readonly ProgramFile[]
  /** A file of the compiler's, parsed; `undefined` where it is not the project's own or the parser refuses it. */
  parsed(file: SourceFile): ProgramFile | undefined
  /** The project's own files, not parsed. */
  readonly own: readonly SourceFile[]
}

/** How many files are parsed for one program: more than any service needs, few enough to stay in memory. */
const most = 1500

export function createProgramFiles(program: Program, parser: Parser): ProgramFiles {
  const known = new Map<SourceFile, ProgramFile | undefined>()
  const own = program
    .getSourceFiles()
    .filter((file) => !file.isDeclarationFile && !program.isSourceFileFromExternalLibrary(file))
  const isOwn = new Set(own)
  let byName: ReadonlyMap<string, readonly SourceFile[]> | undefined

  function parsed(file: SourceFile): ProgramFile | undefined {
    if (known.has(file)) return known.get(file)
    const result = isOwn.has(file) && known.size < most ? parseWithTypes(file) : undefined
    known.set(file, result)
    return result
  }

  function parseWithTypes(file: SourceFile): ProgramFile | undefined {
    try {
      const sourceCode = parse(file, parser, program)
      const services = sourceCode?.parserServices
      return sourceCode && services?.program
        ? { name: file.fileName, sourceCode, services: services as ParserServicesWithTypeInformation }
        : undefined
    } catch {
      // A file that the parser refuses is reported when it is linted itself.
      return undefined
    }
  }

  return {
    program,
    own,
    parsed,
    naming: (name, { within, takes = () => true } = {}) =>
      candidates(name, within).flatMap((file) => {
        const result = mentions(file, name) && takes(file) ? parsed(file) : undefined
        return result ? [result] : []
      }),
  }

  /** Files among which are all that mention a name: whichever list is shorter. */
  function candidates(name: string, within: ReadonlySet<string> | undefined): readonly SourceFile[] {
    byName ??= filesByName(own)
    const mentioning = byName ? (byName.get(name) ?? []) : own
    if (!within) return mentioning
    if (within.size > mentioning.length) return mentioning.filter(({ fileName }) => within.has(fileName))
    return [...within].flatMap((one) => {
      const file = program.getSourceFile(one)
      return file && isOwn.has(file) ? [file] : []
    })
  }
}

/** The files that mention each identifier; `undefined` when TypeScript does not list them. */
function filesByName(files: readonly SourceFile[]): ReadonlyMap<string, readonly SourceFile[]> | undefined {
  const byName = new Map<string, SourceFile[]>()
  for (const file of files) {
    const identifiers = identifiersOf(file)
    if (!identifiers) return undefined
    for (const name of identifiers.keys()) {
      const naming = byName.get(name)
      if (naming) naming.push(file)
      else byName.set(name, [file])
    }
  }
  return byName
}

/** Whether an identifier, or a key that is written like one, is in a file. */
export function mentions(file: SourceFile, name: string): boolean {
  return identifiersOf(file)?.has(name) ?? file.text.includes(name)
}

// Not in the public types, but in every version from 1 to 6.
const identifiersOf = (
  file: SourceFile & { readonly identifiers?: ReadonlyMap<string, string> },
): ReadonlyMap<string, string> | undefined => file.identifiers

/** A place in the code of a program. */
export interface Place<N extends Node = Node> {
  readonly file: ProgramFile
  readonly node: N
}

/** Where the parser's tree has what the compiler has. */
export function placeOf(node: CompilerNode, files: ProgramFiles): Place | undefined {
  const file = files.parsed(node.getSourceFile())
  const found = file?.services.tsNodeToESTreeNodeMap.get(node)
  return file && found && { file, node: exported(found) }
}

/** What an `export` declares. */
function exported(node: Node): Node {
  const isExport = node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration'
  return (isExport && node.declaration) || node
}
