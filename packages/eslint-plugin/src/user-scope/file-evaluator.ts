import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { createEvaluator } from '../analysis/evaluate.ts'
import type { SourceCode } from '../analysis/syntax.ts'
import { fileOf } from '../analysis/type-services.ts'
import { type ClientDescription, isModuleOf, markOf, memberNames } from '../clients/client-description.ts'
import { importsClient } from '../clients/client-imports.ts'
import { lookUpClients } from '../clients/client-types.ts'
import { isScopedModule } from '../handles/handles.ts'

const known = new WeakMap<SourceCode, Map<readonly ClientDescription[], Evaluator>>()

/**
 * The evaluator of one file for some clients and scoped handles, created once for all rules that look at the same list
 * of clients; `undefined` when the file uses neither. It looks at types where the parser provides them, and does
 * without where it does not.
 */
export function evaluatorOf(
  sourceCode: SourceCode,
  clients: readonly ClientDescription[],
): Evaluator | undefined {
  const byClients = known.get(sourceCode) ?? new Map<readonly ClientDescription[], Evaluator>()
  known.set(sourceCode, byClients)
  const before = byClients.get(clients)
  if (before) return before
  const services = sourceCode.parserServices?.program
    ? (sourceCode.parserServices as ParserServicesWithTypeInformation)
    : undefined
  const marks = new Set(clients.flatMap(({ modules }) => modules.map(markOf)))
  const isConcerned =
    ['@scoped-memory/', ...marks].some((mark) => sourceCode.text.includes(mark)) ||
    (services && importsClient(services.program, fileOf(services, sourceCode), clients))
  if (!isConcerned) return undefined
  const names = new Set(clients.flatMap(memberNames))
  const byType = services && lookUpClients(services, clients)
  const evaluator = createEvaluator({
    sourceCode,
    follows: (module) => clients.some((client) => isModuleOf(client, module)) || isScopedModule(module),
    lookUpReceiver:
      byType && ((receiver, member, surely) => (names.has(member) ? byType(receiver, member, surely) : [])),
  })
  byClients.set(clients, evaluator)
  return evaluator
}
