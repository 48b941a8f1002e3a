import { type GuardedPackage } from './guard.ts'

export const tools: GuardedPackage = {
  folder: 'core',
  tests: ['test/tools/memory-tools.test.ts'],
  guards: [],
}
