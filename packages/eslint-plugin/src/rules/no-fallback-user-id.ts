import type { Node } from '../analysis/syntax.ts'
import { findFallback } from '../user-id/fallback.ts'
import { bindingsOf, createIdentities } from '../user-scope/user-ids.ts'
import { allowedIn, allowInSchema } from '../rule-kit/allow-in.ts'
import { createRule, type ScopedMemoryRule } from '../rule-kit/create-rule.ts'

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
    literal: `The user id {{text}} is written into the code, so everybody who comes here shares one memory. Use the id of the signed-in user.`,
    fallback: `Whoever has no id shares one memory under the fallback in {{text}}. ${instead}`,
    stringified: `{{text}} turns a missing id into the text "undefined", which everybody without one shares. Pass the id as it is, after checking that it is there.`,
    template: `{{text}} can contain the text "undefined", which everybody without an id shares. ${instead}`,
  },
  schema: [
    {
      type: 'object',
      properties: { allowIn: allowInSchema },
      additionalProperties: false,
    },
  ],
  defaultOptions: [{}] as readonly [Options?],
  create(context) {
    const { sourceCode } = context
    const values = allowedIn(context, context.options[0]?.allowIn) ? undefined : bindingsOf(sourceCode)
    if (!values) return {}
    const identities = createIdentities(sourceCode, values)
    const reported = new Set<Node>()

    function check(id: Node): void {
      const fallback = reported.has(id) ? undefined : findFallback(id, sourceCode, values!)
      if (!fallback) return
      reported.add(id)
      const text = sourceCode.getText(fallback.node).replaceAll(/\s+/g, ' ')
      context.report({ node: id, messageId: fallback.kind, data: { text } })
    }
    return {
      CallExpression: (node) => {
        identities(node).forEach(check)
      },
      NewExpression: (node) => {
        identities(node).forEach(check)
      },
    }
  },
})
