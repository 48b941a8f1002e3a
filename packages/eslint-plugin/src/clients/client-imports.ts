import type { Program, SourceFile, StringLiteralLike } from 'typescript'
import { type ClientDescription, markOf, packageOf } from './client-description.ts'

/** Names of the files whose imports lead to a client; all files where a client is declared without an import. */
type Importers = ReadonlySet<string> | 'all'

const known = new WeakMap<Program, Map<readonly ClientDescription[], Importers>>()

/**
 * Whether a value of a client's type can occur in a file: its imports lead, through any number of files, to one that
 * mentions the client. Computed once for a program, so that only those files need type lookups.
 */
export function importsClient(
  program: Program,
  file: Pick<SourceFile, 'fileName'>,
  clients: readonly ClientDescription[],
): boolean {
  const byClients = known.get(program) ?? new Map<readonly ClientDescription[], Importers>()
  known.set(program, byClients)
  const importers = byClients.get(clients) ?? importersOf(clients, program)
  byClients.set(clients, importers)
  return importers === 'all' || importers.has(file.fileName)
}

/** The files whose imports lead to a file, itself among them; `undefined` when TypeScript does not list imports. */
export function filesLeadingTo(program: Program, name: string): ReadonlySet<string> | undefined {
  const importersByFile = importersIn(program)
  if (!importersByFile) return undefined
  return closure([name], importersByFile)
}

function closure(
  pending: string[],
  importersByFile: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const found = new Set(pending)
  for (let name = pending.pop(); name !== undefined; name = pending.pop())
    for (const importer of importersByFile.get(name) ?? []) {
      if (found.has(importer)) continue
      found.add(importer)
      pending.push(importer)
    }
  return found
}

function importersOf(clients: readonly ClientDescription[], program: Program): Importers {
  const modules = clients.flatMap((client) => client.modules)
  const packages = [
    ...new Set(
      modules.map((module) =>
        module.startsWith('*') ? `${markOf(module)}/` : `/node_modules/${packageOf(module)}/`,
      ),
    ),
  ]
  const files = program.getSourceFiles()
  const pending: string[] = []
  for (const { fileName, text } of files) {
    const ofPackage = packages.some((folder) => fileName.includes(folder))
    const mentions = ofPackage || modules.some((module) => text.includes(markOf(module)))
    if (!mentions) continue
    // declare module 'express' { interface Request { mem0: MemoryClient } } is seen without being imported.
    if (!ofPackage && /\bdeclare\s+(?:global|module)\b/.test(text)) return 'all'
    pending.push(fileName)
  }
  if (pending.length === 0) return new Set()
  const importersByFile = importersIn(program)
  return importersByFile ? closure(pending, importersByFile) : 'all'
}

type ImportersByFile = ReadonlyMap<string, readonly string[]>

const importersOfPrograms = new WeakMap<Program, { readonly byFile: ImportersByFile | undefined }>()

/** The files that import each file; `undefined` when this version of TypeScript does not list imports. */
function importersIn(program: Program): ImportersByFile | undefined {
  const known = importersOfPrograms.get(program) ?? { byFile: readImporters(program) }
  importersOfPrograms.set(program, known)
  return known.byFile
}

function readImporters(program: Program): ImportersByFile | undefined {
  const checker = program.getTypeChecker()
  const importers = new Map<string, string[]>()
  for (const file of program.getSourceFiles()) {
    // Not in the public types, but in every version from 1 to 6. It lists import() and require() as well.
    const { imports } = file as SourceFile & { imports?: readonly StringLiteralLike[] }
    if (!imports) return undefined
    for (const specifier of imports) {
      const target = checker.getSymbolAtLocation(specifier)?.declarations?.[0]?.getSourceFile().fileName
      if (target === undefined) continue
      const list = importers.get(target)
      if (list) list.push(file.fileName)
      else importers.set(target, [file.fileName])
    }
  }
  return importers
}
