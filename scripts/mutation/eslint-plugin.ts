import { type GuardedPackage } from './guard.ts'

export const eslintPlugin: GuardedPackage = {
  folder: 'eslint-plugin',
  exclude: ['packaging.test.ts', 'corpus.test.ts'],
  guards: [],
}
