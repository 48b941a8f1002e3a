import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { createEvaluator } from '../analysis/evaluate.ts'
import type { SourceCode } from '../analysis/syntax.ts'
import { fileOf } from '../analysis/type-services.ts'
import { importsClient } from '../clients/client-imports.ts'
import { lookUpClients } from '../clients/client-types.ts'
import { mem0Clients } from '../clients/mem0.ts'
import { isScopedModule } from '../handles/handles.ts'

const known = new WeakMap<SourceCode, Evaluator>()
const modules = new Set(mem0Clients.flatMap((client) => client.modules))
const methods = new Set(mem0Clients.flatMap((client) => Object.keys(client.methods)))
const marks = ['@scoped-memory/', ...modules]

/**
 * The evaluator of one file for clients and scoped handles, created once for all rules; `undefined` when the file uses
 * neither. It looks at types where the parser provides them, and does without where it does not.
 */
export function evaluatorOf(sourceCode: SourceCode): Evaluator | undefined {
  const before = known.get(sourceCode)
  if (before) return before
  const services = sourceCode.parserServices?.program
    ? (sourceCode.parserServices as ParserServicesWithTypeInformation)
    : undefined
  const isConcerned =
    marks.some((mark) => sourceCode.text.includes(mark)) ||
    (services && importsClient(services.program, fileOf(services, sourceCode), mem0Clients))
  if (!isConcerned) return undefined
  const byType = services && lookUpClients(services, mem0Clients)
  const evaluator = createEvaluator({
    sourceCode,
    follows: (module) => modules.has(module) || isScopedModule(module),
    lookUpReceiver:
      byType && ((receiver, member, surely) => (methods.has(member) ? byType(receiver, member, surely) : [])),
  })
  known.set(sourceCode, evaluator)
  return evaluator
}
