import scopedMemory from 'eslint-plugin-scoped-memory'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

export default defineConfig(
  {
    ignores: [
      '**/dist/**',
      '**/coverage/**',
      '**/fixtures/**',
      'docs/api/**',
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
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, varsIgnorePattern: '^_' }],
    },
  },
  {
    // A stub is async because what it stands in for is, a matcher is of any type, a spy is a method without its object.
    files: ['**/test/**/*.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Frameworks take async handlers where their types say void, and hand over bodies and sessions of any type.
    files: ['examples/**/*.ts', 'packages/middleware/test/**/*.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/no-namespace': ['error', { allowDeclarations: true }],
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  {
    // The stand-in takes what it is sent, whatever that is.
    files: ['test/mem0-platform/**/*.ts'],
    rules: {
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // What crosses the boundary is checked whatever its type promises.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true, ignoreVoidReturningFunctions: true },
      ],
    },
  },
  {
    // Augmentation of a framework's types is by empty interfaces and namespaces.
    files: ['packages/middleware/src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'always' }],
      '@typescript-eslint/no-namespace': ['error', { allowDeclarations: true }],
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Node types are an enum of a package that the plugin does without when it runs: it compares their names.
    files: ['packages/eslint-plugin/{src,test}/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-enum-comparison': 'off' },
  },
  {
    files: ['packages/{core,middleware}/src/**/*.ts', 'examples/**/*.ts'],
    extends: [scopedMemory.configs.recommendedTypeChecked],
  },
  {
    // An engine hands each call on to its client as it came: the handle has shown whose it is.
    files: ['packages/core/src/{engines/hosted,postgres/{engine,mem0-internals,stored-memory}}.ts'],
    rules: { 'scoped-memory/require-user-scope-typed': 'off' },
  },
  {
    // What a store throws has to reject.
    files: ['packages/core/src/postgres/mem0-stores.ts'],
    rules: { '@typescript-eslint/require-await': 'off' },
  },
  {
    // Alice and Bob are made up, and the only ones there.
    files: ['examples/quickstart/**/*.ts'],
    rules: { 'scoped-memory/no-fallback-user-id': 'off' },
  },
)
