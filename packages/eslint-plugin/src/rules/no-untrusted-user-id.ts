import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import type { Parser } from '../analysis/parsed-file.ts'
import type { Node } from '../analysis/syntax.ts'
import { fileOf } from '../analysis/type-services.ts'
import { findingsIn } from '../flows/untrusted-ids.ts'
import { allowedIn } from '../rule-kit/allow-in.ts'
import { type SourceOptions, sourceSchema } from '../rule-kit/allow-sources.ts'
import { clientsOf } from '../rule-kit/clients.ts'
import { type Context, createRule, type ScopedMemoryRule } from '../rule-kit/create-rule.ts'
import { createOrigins } from '../user-id/origin.ts'
import { evaluatorOf } from '../user-scope/file-evaluator.ts'
import { visitUserIds } from '../user-scope/user-ids.ts'

export const noUntrustedUserId: ScopedMemoryRule = createRule({
  name: 'no-untrusted-user-id',
  docs: {
    description: 'Disallow a user id that the caller of the service can choose',
    presets: ['recommended', 'recommendedTypeChecked', 'strict', 'strictTypeChecked'],
  },
  messages: {
    untrusted: `The user id comes from {{source}}, which the sender of the request can choose. Take it from the verified session or token instead, such as req.user.id.`,
  },
  schema: sourceSchema,
  create(context: Context<'untrusted', readonly [SourceOptions?]>) {
    const { allowSources = [], allowIn } = context.options[0] ?? {}
    const { sourceCode } = context
    const clients = clientsOf(context)
    const evaluator = allowedIn(context, allowIn) ? undefined : evaluatorOf(sourceCode, clients)
    if (!evaluator) return {}
    const origins = createOrigins(sourceCode, evaluator, allowSources)
    /** Whether the program shows that the id is compared on the way, where there are types. */
    const isVerified = (id: Node): boolean => {
      const services = sourceCode.parserServices
      const parser = context.languageOptions.parser as Parser | undefined
      if (!services?.program || !parser?.parseForESLint) return false
      const file = fileOf(services as ParserServicesWithTypeInformation, sourceCode)
      return findingsIn(file, services.program, parser, { clients, allowSources }).isVerified(id)
    }
    return visitUserIds(sourceCode, evaluator, clients, (node) => {
      const origin = origins.of(node)
      if (origin && !isVerified(node))
        context.report({ node, messageId: 'untrusted', data: { source: origin.source } })
    })
  },
})
