import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner', './scripts/mutation-survivors.mjs'],
  vitest: { configFile: 'vitest.stryker.config.ts' },
  coverageAnalysis: 'perTest',
  // Conditions and blocks are left: what guards are made of.
  mutator: {
    excludedMutations: [
      'ArithmeticOperator',
      'ArrayDeclaration',
      'ArrowFunction',
      'AssignmentOperator',
      'ObjectLiteral',
      'OptionalChaining',
      'Regex',
      'StringLiteral',
      'UpdateOperator',
    ],
  },
  // What runs when a module loads would have to be asked of every test there is.
  ignoreStatic: true,
  dryRunTimeoutMinutes: 20,
  tempDirName: join(tmpdir(), 'scoped-memory-mutation'),
  cleanTempDir: 'always',
  disableTypeChecks: false,
  concurrency: 2,
  reporters: ['survivors', 'clear-text', 'progress-append-only'],
  clearTextReporter: { reportTests: false, reportMutants: false, allowColor: process.stdout.isTTY === true },
}
