import type { Parser } from '../analysis/parsed-file.ts'
import { fileOf, typeServices } from '../analysis/type-services.ts'
import { findingsIn } from '../flows/untrusted-ids.ts'
import { allowedIn } from '../rule-kit/allow-in.ts'
import { type SourceOptions, sourceSchema } from '../rule-kit/allow-sources.ts'
import { clientsOf } from '../rule-kit/clients.ts'
import { type Context, createRule, type ScopedMemoryRule } from '../rule-kit/create-rule.ts'

const name = 'no-untrusted-user-id-typed'

export const noUntrustedUserIdTyped: ScopedMemoryRule = createRule({
  name,
  docs: {
    description: 'Disallow a user id that the caller of the service can choose, followed across files',
    presets: ['recommendedTypeChecked', 'strictTypeChecked'],
    requiresTypeChecking: true,
  },
  messages: {
    untrusted: `The user id comes from {{source}}, which the sender of the request can choose: {{way}}. Take it from the verified session or token instead, such as req.user.id.`,
  },
  schema: sourceSchema,
  create(context: Context<'untrusted', readonly [SourceOptions?]>) {
    const { allowSources = [], allowIn } = context.options[0] ?? {}
    if (allowedIn(context, allowIn)) return {}
    const services = typeServices(name, context.sourceCode)
    const file = fileOf(services, context.sourceCode)
    return {
      Program() {
        const parser = context.languageOptions.parser as Parser | undefined
        if (!parser?.parseForESLint) return
        const options = { clients: clientsOf(context), allowSources }
        for (const { loc, source, way } of findingsIn(file, services.program, parser, options).untrusted)
          context.report({ loc, messageId: 'untrusted', data: { source, way } })
      },
    }
  },
})
