import type { Linter } from 'eslint'
import type { Preset } from './rule-kit/preset.ts'
import { rules } from './rules/index.ts'

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
