import scopedMemory from 'eslint-plugin-scoped-memory'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

export default defineConfig(
  {
    ignores: [
      '**/dist/**',
      '**/coverage/**',
      '**/fixtures/**',
      'test/lint-corpus/**',
      // The leak that a test shows to fail the build.
      'examples/breakage/src/before.ts',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // Node types are an enum of a package that the plugin does without when it runs: it compares their names.
    files: ['packages/eslint-plugin/src/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-enum-comparison': 'off' },
  },
  {
    files: ['packages/{core,middleware}/src/**/*.ts', 'examples/**/*.ts'],
    extends: [scopedMemory.configs.recommendedTypeChecked],
  },
)
