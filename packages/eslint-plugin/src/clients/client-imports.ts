import type { Program, SourceFile, StringLiteralLike } from 'typescript'
import { type ClientDescription, packageOf } from './mem0.ts'

/** Names of the files whose imports lead to a client; all files when a client is declared without an import. */
type Reach = ReadonlySet<string> | 'all'

const known = new WeakMap<Program, Map<readonly ClientDescription[], Reach>>()

/**
 * Whether a value of a client's type can occur in a file: its imports lead, over any number of files, to one that
 * has to do with the client. Worked out once per program, so that types are asked for in those files only.
 */
export function reachesClient(
  program: Program,
  file: Pick<SourceFile, 'fileName'>,
  clients: readonly ClientDescription[],
): boolean {
  const reaches = known.get(program) ?? new Map<readonly ClientDescription[], Reach>()
  known.set(program, reaches)
  const reach = reaches.get(clients) ?? reachOf(program, clients)
  reaches.set(clients, reach)
  return reach === 'all' || reach.has(file.fileName)
}

function reachOf(program: Program, clients: readonly ClientDescription[]): Reach {
  const modules = clients.flatMap((client) => client.modules)
  const packages = [...new Set(modules.map(packageOf))].map((name) => `/node_modules/${name}/`)
  const files = program.getSourceFiles()
  const pending: string[] = []
  for (const { fileName, text } of files) {
    const ofPackage = packages.some((folder) => fileName.includes(folder))
    const mentions = ofPackage || modules.some((module) => text.includes(module))
    if (!mentions) continue
    // declare module 'express' { interface Request { mem0: MemoryClient } } is seen without being imported.
    if (!ofPackage && /\bdeclare\s+(?:global|module)\b/.test(text)) return 'all'
    pending.push(fileName)
  }
  if (pending.length === 0) return new Set()
  const importers = importersIn(program, files)
  if (!importers) return 'all'
  const reach = new Set(pending)
  for (let name = pending.pop(); name !== undefined; name = pending.pop())
    for (const importer of importers.get(name) ?? []) {
      if (reach.has(importer)) continue
      reach.add(importer)
      pending.push(importer)
    }
  return reach
}

/** Which files import each file; nothing when this TypeScript does not list imports. */
function importersIn(program: Program, files: readonly SourceFile[]): Map<string, string[]> | undefined {
  const checker = program.getTypeChecker()
  const importers = new Map<string, string[]>()
  for (const file of files) {
    // Not in the public types, and there in every version from 1 to 6: also what import() and require() name.
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
