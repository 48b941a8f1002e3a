import type { ParserServicesWithTypeInformation, TSESTree } from '@typescript-eslint/utils'
import { type Node, returned, type SourceCode } from '../analysis/syntax.ts'
import type { Values } from '../analysis/abstract-value.ts'
import { createValues } from '../analysis/evaluate.ts'
import { clientCall } from '../clients/client-calls.ts'
import { mem0Clients } from '../clients/mem0.ts'
import { reachesClient } from '../clients/client-imports.ts'
import { fileOf, typeOracle } from '../clients/client-types.ts'
import { boundId, isScopedModule, resolverIn } from '../handles/handles.ts'
import { createShapes } from '../analysis/object-shapes.ts'
import { createScopeReader } from './check-user-scope.ts'

/** Finds the expressions by which a call says which user it is for. */
export type FindIdentities = (node: TSESTree.CallExpression | TSESTree.NewExpression) => readonly Node[]

export function createIdentities(sourceCode: SourceCode, values: Values): FindIdentities {
  const shapes = createShapes(sourceCode, values)

  return (node) => {
    const bound = boundId(node, values)
    if (bound) return [bound]
    if (node.type === 'NewExpression') return []
    const resolver = resolverIn(node, values)
    if (resolver) return returned(sourceCode, resolver.node)
    const call = clientCall(node, mem0Clients, values, sourceCode)
    if (call?.method.kind !== 'scoped') return []
    return createScopeReader(sourceCode, shapes, call.client).ids(call.arguments, call.method, node)
  }
}

const shared = new WeakMap<SourceCode, Values>()
const marks = ['@scoped-memory/', ...new Set(mem0Clients.flatMap((client) => client.modules))]
const modules = new Set(mem0Clients.flatMap((client) => client.modules))

/**
 * The bindings of one file for clients and scoped handles, worked out once for all rules; nothing when the file
 * has to do with neither. Types are used where the parser brings them, and are not needed.
 */
export function bindingsOf(sourceCode: SourceCode): Values | undefined {
  const known = shared.get(sourceCode)
  if (known) return known
  const services = sourceCode.parserServices?.program
    ? (sourceCode.parserServices as ParserServicesWithTypeInformation)
    : undefined
  const mentioned = marks.some((mark) => sourceCode.text.includes(mark))
  const reached =
    mentioned || (services && reachesClient(services.program, fileOf(services, sourceCode), mem0Clients))
  if (!reached) return undefined
  const names = new Set(mem0Clients.flatMap((client) => Object.keys(client.methods)))
  const values = createValues({
    sourceCode,
    follows: (module) => modules.has(module) || isScopedModule(module),
    asks: (name) => names.has(name),
    oracle: services && typeOracle(services, mem0Clients),
  })
  shared.set(sourceCode, values)
  return values
}
