import type { TSESTree } from '@typescript-eslint/utils'
import type { Program, SourceFile } from 'typescript'
import type { Parser } from '../analysis/parsed-file.ts'
import type { Node } from '../analysis/syntax.ts'
import { type ClientDescription, memberNames } from '../clients/client-description.ts'
import { importsClient } from '../clients/client-imports.ts'
import { createAllowedSources } from '../rule-kit/allow-sources.ts'
import { createOrigins } from '../user-id/origin.ts'
import { evaluatorOf } from '../user-scope/file-evaluator.ts'
import { createCallGraph } from './call-graph.ts'
import { createComparisons } from './comparisons.ts'
import { createGuards } from './guards.ts'
import type { Path } from './path.ts'
import { createProgramFiles, mentions, type Place } from './program-files.ts'
import { type Sink, sinksIn } from './sinks.ts'
import { createTracer } from './tracer.ts'
import type { Source } from './tracing.ts'
import { labelsOf } from './way.ts'

/** A user id that the caller of the service can choose, where it is passed on. */
interface UntrustedId {
  readonly loc: TSESTree.SourceLocation
  /** `req.body.userId` */
  readonly source: string
  /** `req.body.userId → MemoryService.search({ userId }) → client.search` */
  readonly way: string
}

export interface UntrustedIdOptions {
  readonly clients: readonly ClientDescription[]
  /** What may be trusted although it comes with the request, as the code spells it. */
  readonly allowSources: readonly string[]
}

/** What is found in one file. */
interface Findings {
  /** Ids that come from the request to a call of another file, or in a way that takes the program to see. */
  readonly untrusted: readonly UntrustedId[]
  /** Whether an id of a call in the file comes from the request, and is compared or replaced on the way. */
  isVerified(id: Node): boolean
}

type FindingsByFile = (fileName: string) => Findings

const known = new WeakMap<Program, Map<readonly ClientDescription[], Map<string, FindingsByFile>>>()

/** What is found in one file of a program: all of its files are looked at when the first is asked for. */
export function findingsIn(
  file: SourceFile,
  program: Program,
  parser: Parser,
  options: UntrustedIdOptions,
): Findings {
  const byClients = known.get(program) ?? new Map<readonly ClientDescription[], Map<string, FindingsByFile>>()
  known.set(program, byClients)
  const bySources = byClients.get(options.clients) ?? new Map<string, FindingsByFile>()
  byClients.set(options.clients, bySources)
  const key = JSON.stringify(options.allowSources)
  const found = bySources.get(key) ?? findUntrustedIds(program, parser, options)
  bySources.set(key, found)
  return found(file.fileName)
}

function findUntrustedIds(
  program: Program,
  parser: Parser,
  { clients, allowSources }: UntrustedIdOptions,
): FindingsByFile {
  const files = createProgramFiles(program, parser)
  const graph = createCallGraph(files)
  const comparisons = createComparisons({ graph, isSent: (place) => sourcesOf(place).length > 0 })
  const isGuarded = createGuards({ files, graph, comparisons, sourcesOf })
  const trace = createTracer({ files, graph, isVerified: comparisons.isVerified, onSource, onVerified })
  const untrusted = new Map<string, Map<Node, UntrustedId>>()
  const reported = new Set<string>()
  const verified = new Set<string>()
  const isAllowed = createAllowedSources(allowSources)
  const isWorthParsing = createFilter(program, clients)
  let sink: Sink | undefined
  for (const file of files.own) {
    const parsed = isWorthParsing(file) ? files.parsed(file) : undefined
    if (!parsed) continue
    const bindsHandles = importsClient(program, file, handles)
    for (sink of sinksIn(parsed, { clients, graph, bindsHandles })) trace(sink.place, sink.path)
  }
  const idsByFile = new Map([...untrusted].map(([name, ids]) => [name, [...ids.values()]]))
  for (const key of reported) verified.delete(key)
  return readerOf(idsByFile, verified)

  /** Where an expression comes from, as far as the code around it shows. */
  function sourcesOf(place: Place, path: Path = []): readonly Source[] {
    const sources: Source[] = []
    createTracer({
      files,
      graph,
      isVerified: () => false,
      onSource: (source) => void sources.push(source),
      local: true,
    })(place, path)
    return sources
  }

  function onVerified(): void {
    if (sink) verified.add(keyOf(sink.place.file.name, sink.place.node))
  }

  function onSource(source: Source): void {
    if (!sink || isAllowed(source.text)) return
    if (isGuarded(source)) {
      onVerified()
      return
    }
    reported.add(keyOf(sink.place.file.name, sink.place.node))
    const { file, node } = source.passed
    if (file === sink.place.file && isSeenInFile(sink)) return
    const ids = untrusted.get(file.name) ?? new Map<Node, UntrustedId>()
    untrusted.set(file.name, ids)
    if (ids.has(node)) return
    const way = [source.text, ...labelsOf(source.way), sink.label].join(' → ')
    ids.set(node, { loc: node.loc, source: source.text, way })
  }

  /** Whether the rule that looks at one file reports a call itself. */
  function isSeenInFile({ place: { file }, ids }: Sink): boolean {
    const evaluator = evaluatorOf(file.sourceCode, clients)
    if (!evaluator) return false
    const origins = createOrigins(file.sourceCode, evaluator, allowSources)
    return ids.some((id) => origins.of(id))
  }
}

/** Made outside of the search, whose trees and types would live as long as the program otherwise. */
function readerOf(
  untrusted: ReadonlyMap<string, readonly UntrustedId[]>,
  verified: ReadonlySet<string>,
): FindingsByFile {
  return (name) => ({
    untrusted: untrusted.get(name) ?? [],
    isVerified: (id) => verified.has(keyOf(name, id)),
  })
}

/** Where handles come from, as what a file may lead to. */
const handles: readonly ClientDescription[] = [
  {
    modules: ['@scoped-memory/core', '@scoped-memory/middleware'],
    classes: ['ScopedMemory'],
    userKeys: [],
    methods: {},
  },
]

/** Takes the files that may have a call which names a user. */
function createFilter(
  program: Program,
  clients: readonly ClientDescription[],
): (file: SourceFile) => boolean {
  const names = [...new Set(clients.flatMap(memberNames))]
  return (file) =>
    importsClient(program, file, handles) ||
    (importsClient(program, file, clients) && names.some((name) => mentions(file, name)))
}

const keyOf = (fileName: string, { range }: Node): string => `${fileName} ${range.join()}`
