import { allowedIn, schemaWithAllowIn } from '../rule-kit/allow-in.ts'
import { clientsOf } from '../rule-kit/clients.ts'
import { type Context, createRule, type ScopedMemoryRule } from '../rule-kit/create-rule.ts'
import { createFallbacks, type FallbackKind } from '../user-id/fallback.ts'
import { evaluatorOf } from '../user-scope/file-evaluator.ts'
import { visitUserIds } from '../user-scope/user-ids.ts'

interface Options {
  readonly allowIn?: readonly string[]
}

const instead = 'Refuse the request when there is no verified id.'

export const noFallbackUserId: ScopedMemoryRule = createRule({
  name: 'no-fallback-user-id',
  docs: {
    description: 'Disallow a user id that is the same for different people',
    presets: ['recommended', 'recommendedTypeChecked', 'strict', 'strictTypeChecked'],
  },
  messages: {
    literal: `The user id {{text}} is written into the code, so everyone who gets here shares one memory. Use the id of the signed-in user.`,
    fallback: `Everyone without an id shares one memory, under the fallback in {{text}}. ${instead}`,
    stringified: `{{text}} turns a missing id into the text "undefined", which everyone without one shares. Check that the id is there, and pass it as it is.`,
    template: `{{text}} can contain the text "undefined", which everyone without an id shares. ${instead}`,
  },
  schema: schemaWithAllowIn(),
  create(context: Context<FallbackKind, readonly [Options?]>) {
    const { sourceCode } = context
    const clients = clientsOf(context)
    const evaluator = allowedIn(context, context.options[0]?.allowIn)
      ? undefined
      : evaluatorOf(sourceCode, clients)
    if (!evaluator) return {}
    const fallbackIn = createFallbacks(sourceCode, evaluator)
    return visitUserIds(sourceCode, evaluator, clients, (node) => {
      const fallback = fallbackIn(node)
      if (!fallback) return
      const text = sourceCode.getText(fallback.node).replaceAll(/\s+/g, ' ')
      context.report({ node, messageId: fallback.kind, data: { text } })
    })
  },
})
