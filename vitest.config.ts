import { defineConfig } from 'vitest/config'

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
    testTimeout: 30_000,
    hookTimeout: 60_000,
    ...extra,
  },
})

export default defineConfig({
  test: {
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'] },
    projects: [
      project('core', './packages/core'),
      project('middleware', './packages/middleware'),
      project('eslint-plugin', './packages/eslint-plugin'),
      project('across packages', './test'),
    ],
  },
})
