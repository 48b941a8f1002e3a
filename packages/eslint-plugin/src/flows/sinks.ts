import type { TSESTree } from '@typescript-eslint/utils'
import { keyName } from '../analysis/names.ts'
import { type Node, returned, unwrap, walk } from '../analysis/syntax.ts'
import { clientCall } from '../clients/client-calls.ts'
import type { ClientDescription } from '../clients/client-description.ts'
import { isFactory, isMiddleware } from '../handles/handles.ts'
import { evaluatorOf } from '../user-scope/file-evaluator.ts'
import { userIdsIn } from '../user-scope/user-ids.ts'
import type { CallGraph } from './call-graph.ts'
import { element, type Path } from './path.ts'
import type { Place, ProgramFile } from './program-files.ts'

/** An expression, or a part of what it holds, that a call takes its user from. */
export interface Sink {
  readonly place: Place
  readonly path: Path
  /** The call, as a report spells it. */
  readonly label: string
  /** The ids of the call that a rule sees which looks at the file alone. */
  readonly ids: readonly Node[]
}

interface SinksOptions {
  readonly clients: readonly ClientDescription[]
  readonly graph: CallGraph
  /** Whether the imports of the file lead to where handles are made. */
  readonly bindsHandles: boolean
}

/** Finds where the calls of one file say which user they are for. */
export function sinksIn(file: ProgramFile, { clients, graph, bindsHandles }: SinksOptions): readonly Sink[] {
  const { sourceCode } = file
  const evaluator = evaluatorOf(sourceCode, clients)
  const userIdsOf = evaluator && userIdsIn(sourceCode, evaluator, clients)
  const sinks: Sink[] = []
  walk(sourceCode, sourceCode.ast, (node) => {
    if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return
    const ids = userIdsOf?.(node) ?? []
    const label = sourceCode.getText(node.callee).replaceAll(/\s+/g, ' ')
    const sink = (id: Node, path: Path = [], at: ProgramFile = file): Sink => ({
      place: { file: at, node: id },
      path,
      label,
      ids,
    })
    for (const id of ids) sinks.push(sink(id))
    if (node.type !== 'CallExpression') return
    for (const { options, path } of optionsOf(node)) sinks.push(sink(options, path))
    if (ids.length > 0 || !bindsHandles) return
    for (const id of boundElsewhere(node)) sinks.push(sink(id))
    for (const { file: other, node: id } of resolvedElsewhere(node)) sinks.push(sink(id, [], other))
  })
  return sinks

  /** The arguments that may hold an id under a key, for those that are put together elsewhere. */
  function optionsOf(node: TSESTree.CallExpression): { readonly options: Node; readonly path: Path }[] {
    const call = evaluator && clientCall(node, clients, evaluator, sourceCode)
    if (call?.method.kind !== 'scoped') return []
    const { method, client } = call
    const places = (method.partitions ?? []).map(({ argument, at }) => ({ argument, path: stepsOf(at) }))
    if (method.argument !== undefined && (client.filter ?? 'keys') === 'keys')
      for (const at of method.at ?? [])
        for (const key of method.userKeys ?? client.userKeys)
          places.push({ argument: method.argument, path: [...stepsOf(at), key] })
    return places.flatMap(({ argument, path }) => {
      const options = call.arguments?.[argument]
      return options && path.length > 0 ? [{ options, path }] : []
    })
  }

  /** The id in `memoryFor(id)`, where the factory is made in another file. */
  function boundElsewhere({ callee, arguments: [id] }: TSESTree.CallExpression): Node[] {
    const inner = unwrap(callee)
    if (!id || (inner.type !== 'Identifier' && inner.type !== 'MemberExpression')) return []
    const isMade = graph.declared({ file, node: inner }).some(({ file: other, node }) => {
      if (other === file || node.type !== 'VariableDeclarator' || !node.init) return false
      return evaluatorOf(other.sourceCode, clients)?.evaluate(node.init).some(isFactory)
    })
    return isMade ? [id] : []
  }

  /** What a resolver returns that is written in another file: `scopedMemory({ userId: idOfRequest })`. */
  function resolvedElsewhere(node: TSESTree.CallExpression): Place[] {
    if (!evaluator || !isMiddleware(node, evaluator)) return []
    return node.arguments.flatMap((argument) =>
      argument.type === 'ObjectExpression' ? argument.properties.flatMap(resolvedBy) : [],
    )
  }

  function resolvedBy(property: TSESTree.ObjectLiteralElement): Place[] {
    if (property.type !== 'Property' || keyName(sourceCode, property) !== 'userId') return []
    return graph
      .functionsAt({ file, node: property.value })
      .filter((fn) => fn.file !== file)
      .flatMap((fn) => returned(fn.file.sourceCode, fn.node).map((id) => ({ file: fn.file, node: id })))
  }
}

/** The steps of a place in an argument: `records[].metadata`. */
const stepsOf = (at: string): Path =>
  at
    .replaceAll('[]', `.${element}`)
    .split('.')
    .filter((step) => step !== '')
