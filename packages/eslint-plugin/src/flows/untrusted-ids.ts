import type { TSESTree } from '@typescript-eslint/utils'
import type { Program, SourceFile } from 'typescript'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { keyName } from '../analysis/names.ts'
import type { Parser } from '../analysis/parsed-file.ts'
import { type Node, returned, unwrap, walk } from '../analysis/syntax.ts'
import { clientCall } from '../clients/client-calls.ts'
import type { ClientDescription } from '../clients/client-description.ts'
import { importsClient } from '../clients/client-imports.ts'
import { mem0Clients } from '../clients/mem0.ts'
import { isFactory, isMiddleware } from '../handles/handles.ts'
import { createOrigins } from '../user-id/origin.ts'
import { isScopedCall } from '../user-scope/check-user-scope.ts'
import { evaluatorOf } from '../user-scope/file-evaluator.ts'
import { userIdsIn } from '../user-scope/user-ids.ts'
import { type CallGraph, createCallGraph } from './call-graph.ts'
import { createComparisons } from './comparisons.ts'
import { createGuards } from './guards.ts'
import type { Path } from './path.ts'
import {
  createProgramFiles,
  mentions,
  type Place,
  type ProgramFile,
  type ProgramFiles,
} from './program-files.ts'
import { createTracer, type Source, type Way } from './tracer.ts'

/** A user id that the caller of the service can choose, where it is passed on. */
export interface UntrustedId {
  readonly range: TSESTree.Range
  readonly loc: TSESTree.SourceLocation
  /** `req.body.userId` */
  readonly source: string
  /** `req.body.userId → MemoryService.search({ userId }) → client.search` */
  readonly way: string
}

/** An expression, or a part of what it holds, that a call takes its user from. */
interface Sink {
  readonly place: Place
  readonly path: Path
  /** The call, as a report spells it. */
  readonly label: string
  /** The ids of the call that a rule sees which looks at the file alone. */
  readonly ids: readonly Node[]
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
const scopedMethods = mem0Clients.flatMap(({ methods }) =>
  Object.keys(methods).filter((name) => methods[name]?.kind === 'scoped'),
)
const none: readonly UntrustedId[] = []

type ByFile = ReadonlyMap<string, readonly UntrustedId[]>
const known = new WeakMap<Program, Map<string, ByFile>>()

/** The untrusted ids of one file of a program: those of all its files are found when the first is asked for. */
export function untrustedIdsIn(
  file: SourceFile,
  program: Program,
  parser: Parser,
  allowSources: readonly string[],
): readonly UntrustedId[] {
  const byOptions = known.get(program) ?? new Map<string, ByFile>()
  known.set(program, byOptions)
  const key = JSON.stringify(allowSources)
  const found = byOptions.get(key) ?? findUntrustedIds(program, parser, allowSources)
  byOptions.set(key, found)
  return found.get(file.fileName) ?? none
}

function findUntrustedIds(program: Program, parser: Parser, allowSources: readonly string[]): ByFile {
  const files = createProgramFiles(program, parser)
  const graph = createCallGraph(files)
  const found = new Map<string, Map<Node, UntrustedId>>()
  const allowed = allowSources.map((source) => source.toLowerCase())
  let sink: Sink | undefined
  const comparisons = createComparisons({ graph, isSent: (place) => sourcesOf(place).length > 0 })
  const isGuarded = createGuards({ files, graph, comparisons, sourcesOf })
  const tracer = createTracer({ files, graph, isVerified: comparisons.isVerified, onSource: report })
  for (const file of files.own) {
    if (!isWorthParsing(file, program)) continue
    const parsed = files.parsed(file)
    for (sink of parsed ? sinksIn(parsed, files, graph) : []) tracer.trace(sink.place, sink.path)
  }
  return new Map([...found].map(([name, ids]) => [name, [...ids.values()]]))

  /** Where an expression comes from, as far as the code around it shows. */
  function sourcesOf(place: Place, path: Path = []): readonly Source[] {
    const sources: Source[] = []
    const onSource = (source: Source): void => void sources.push(source)
    createTracer({ files, graph, isVerified: () => false, onSource, local: true }).trace(place, path)
    return sources
  }

  function report(source: Source): void {
    const { file, node } = source.passed
    if (!sink || allowed.some((known) => source.text.toLowerCase().includes(known))) return
    if (file === sink.place.file && isSeenInFile(sink, allowSources)) return
    const ids = found.get(file.name) ?? new Map<Node, UntrustedId>()
    found.set(file.name, ids)
    if (ids.has(node) || isGuarded(source)) return
    const way = [source.text, ...labelsOf(source.way), sink.label].join(' → ')
    ids.set(node, { range: node.range, loc: node.loc, source: source.text, way })
  }
}

/** Whether the rule that looks at one file reports a call itself. */
function isSeenInFile({ place: { file }, ids }: Sink, allowSources: readonly string[]): boolean {
  const evaluator = evaluatorOf(file.sourceCode)
  if (!evaluator) return false
  const origins = createOrigins(file.sourceCode, evaluator, allowSources)
  return ids.some((id) => origins.of(id))
}

/** Whether a file may have a call that names a user. */
function isWorthParsing(file: SourceFile, program: Program): boolean {
  if (importsClient(program, file, handles)) return true
  return importsClient(program, file, mem0Clients) && scopedMethods.some((name) => mentions(file, name))
}

function sinksIn(file: ProgramFile, files: ProgramFiles, graph: CallGraph): Sink[] {
  const { sourceCode } = file
  const evaluator = evaluatorOf(sourceCode)
  const sinks: Sink[] = []
  const userIdsOf = evaluator && userIdsIn(sourceCode, evaluator)
  walk(sourceCode, sourceCode.ast, (node) => {
    if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return
    const label = sourceCode.getText(node.callee).replaceAll(/\s+/g, ' ')
    const ids = userIdsOf?.(node) ?? []
    for (const id of ids) sinks.push({ place: { file, node: id }, path: [], label, ids })
    if (node.type !== 'CallExpression') return
    for (const { node: options, path } of optionsOf(node, evaluator))
      sinks.push({ place: { file, node: options }, path, label, ids })
    if (ids.length === 0) sinks.push(...boundElsewhere(node, label), ...resolvedElsewhere(node, label))
  })
  return sinks

  function optionsOf(
    node: TSESTree.CallExpression,
    evaluator: Evaluator | undefined,
  ): { node: Node; path: Path }[] {
    const call = evaluator && clientCall(node, mem0Clients, evaluator, sourceCode)
    if (!call || !isScopedCall(call)) return []
    const { method, client } = call
    const options = call.arguments?.[method.argument]
    if (!options) return []
    const keys = method.userKeys ?? client.userKeys
    return method.at.flatMap((place) =>
      keys.map((key) => ({ node: options, path: place === '' ? [key] : [place, key] })),
    )
  }

  /** `memoryFor(id)`, where the factory is made in another file. */
  function boundElsewhere(node: TSESTree.CallExpression, label: string): Sink[] {
    const [first] = node.arguments
    const callee = unwrap(node.callee)
    if (!first || (callee.type !== 'Identifier' && callee.type !== 'MemberExpression')) return []
    const makes = graph.declared({ file, node: callee }).some(({ file: other, node: declared }) => {
      if (other === file || declared.type !== 'VariableDeclarator' || !declared.init) return false
      return evaluatorOf(other.sourceCode)?.evaluate(declared.init).some(isFactory)
    })
    return makes ? [{ place: { file, node: first }, path: [], label, ids: [] }] : []
  }

  /** `scopedMemory({ userId: idOfRequest })`, where the resolver is written in another file. */
  function resolvedElsewhere(node: TSESTree.CallExpression, label: string): Sink[] {
    if (!evaluator || !isMiddleware(node, evaluator)) return []
    return node.arguments.flatMap((argument) => {
      if (argument.type !== 'ObjectExpression') return []
      return argument.properties.flatMap((property) => {
        if (property.type !== 'Property' || keyName(sourceCode, property) !== 'userId') return []
        return graph.functionsAt({ file, node: property.value }).flatMap((fn) =>
          fn.file === file
            ? []
            : returned(fn.file.sourceCode, fn.node).map((id) => ({
                place: { file: fn.file, node: id },
                path: [],
                label,
                ids: [],
              })),
        )
      })
    })
  }
}

function labelsOf(way: Way | undefined): string[] {
  const labels: string[] = []
  for (let at = way; at; at = at.next) labels.push(at.label)
  return labels
}
