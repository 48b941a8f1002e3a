import type { Linter } from 'eslint'
import { rules } from './rules/index.ts'

/** The names of the presets. */
export type Preset = 'recommended' | 'recommendedTypeChecked' | 'strict' | 'strictTypeChecked'

/** Builds a preset from what each rule's metadata says about it. */
export function presetRules(preset: Preset): Linter.RulesRecord {
  const options = preset.startsWith('strict') ? { allowUnverifiable: false } : undefined
  return Object.fromEntries(
    Object.entries(rules).flatMap(([name, rule]): readonly [string, Linter.RuleEntry][] => {
      if (!rule.meta.docs?.presets.includes(preset)) return []
      const strict = options && 'unverifiable' in rule.meta.messages
      return [[`scoped-memory/${name}`, strict ? ['error', options] : 'error']]
    }),
  )
}
