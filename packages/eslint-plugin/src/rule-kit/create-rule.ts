import type { TSESLint } from '@typescript-eslint/utils'
import type { Preset } from './preset.ts'

interface RuleDocs {
  readonly description: string
  /** The presets that turn the rule on. */
  readonly presets: readonly Preset[]
  readonly requiresTypeChecking?: boolean
}

/** What ESLint hands a rule for one file. */
export type Context<Messages extends string, Options extends readonly unknown[]> = Readonly<
  TSESLint.RuleContext<Messages, Options>
>

interface Definition<Messages extends string, Options extends readonly unknown[]> {
  readonly name: string
  readonly docs: RuleDocs
  readonly messages: Readonly<Record<Messages, string>>
  readonly schema: TSESLint.RuleMetaData<Messages>['schema']
  readonly hasSuggestions?: boolean
  readonly create: (context: Context<Messages, Options>) => TSESLint.RuleListener
}

/** A rule as the plugin exposes it, whatever its messages and options. */
export interface ScopedMemoryRule {
  readonly meta: TSESLint.RuleMetaData<string, RuleDocs & { url: string }, readonly unknown[]>
  create(context: never): TSESLint.RuleListener
}

const docsFolder =
  'https://github.com/scoped-memory/scoped-memory/blob/main/packages/eslint-plugin/docs/rules'

/** Creates a rule with a link to its page. */
export function createRule<Messages extends string, Options extends readonly unknown[]>(
  definition: Definition<Messages, Options>,
): ScopedMemoryRule {
  const { name, docs, messages, schema, hasSuggestions = false, create } = definition
  return {
    meta: {
      type: 'problem',
      docs: { ...docs, url: `${docsFolder}/${name}.md` },
      messages,
      schema,
      hasSuggestions,
    },
    create,
  }
}
