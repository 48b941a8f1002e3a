import type { ESLint, Linter } from 'eslint'
import type { ClientDescription } from './clients/client-description.ts'
import { type KnownClient, knownClients } from './clients/known/index.ts'
import { presetRules } from './presets.ts'
import type { Preset } from './rule-kit/preset.ts'
import { rules as ownRules } from './rules/index.ts'

export type {
  ChainedMethod,
  ClientDescription,
  FilterSyntax,
  KeyedMethod,
  Members,
  Method,
  Part,
  PartMethod,
  Place,
  RowsMethod,
  ScopedMethod,
  UserPlaces,
} from './clients/client-description.ts'
export type { KnownClient }

/** The rules, by their name without a prefix. */
export const rules: NonNullable<ESLint.Plugin['rules']> = ownRules as unknown as NonNullable<
  ESLint.Plugin['rules']
>

/** Name and version of the plugin, as ESLint shows them. */
export const meta: { readonly name: string; readonly version: string; readonly namespace: string } = {
  name: 'eslint-plugin-scoped-memory',
  version: '0.1.0',
  namespace: 'scoped-memory',
}

const plugin: ESLint.Plugin = { meta, rules }

function config(preset: Preset): Linter.Config {
  return {
    name: `scoped-memory/${preset}`,
    plugins: { 'scoped-memory': plugin },
    rules: presetRules(preset),
  }
}

/** Flat configurations, one per preset. The type-checked ones need typed linting to be set up. */
export const configs: Readonly<Record<Preset, Linter.Config>> = {
  recommended: config('recommended'),
  recommendedTypeChecked: config('recommendedTypeChecked'),
  strict: config('strict'),
  strictTypeChecked: config('strictTypeChecked'),
}

/** Clients beside mem0's that the rules can look at, by the name a configuration may give. */
export const clients: Readonly<Record<KnownClient, ClientDescription>> = knownClients

// One object: ESLint refuses two plugins under one prefix, and a configuration may name it beside a preset.
const scopedMemory: ESLint.Plugin & { readonly configs: typeof configs; readonly clients: typeof clients } =
  Object.assign(plugin, { configs, clients })

export default scopedMemory
