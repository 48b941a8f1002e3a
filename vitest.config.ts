import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { closingLine } from './test/closing-line.ts'

const conditions = ['@scoped-memory/source']
const project = (name: string, root: string, extra: object = {}) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name,
    root,
    include: ['**/*.test.ts'],
    env: { MEM0_TELEMETRY: 'false' },
    setupFiles: [new URL('./test/setup.ts', import.meta.url).pathname],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    ...extra,
  },
})

export default defineConfig({
  test: {
    // Vitest would leave one for itself, which on two halves what can be done while a test waits for a process.
    maxWorkers: availableParallelism(),
    reporters: ['default', closingLine],
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'] },
    projects: [
      project('core', './packages/core'),
      project('middleware', './packages/middleware'),
      // Its tests share nothing that one could change, so each worker loads the parser and the compiler once.
      project('eslint-plugin', './packages/eslint-plugin', { isolate: false }),
      project('across packages', './test'),
    ],
  },
})
