import { type GuardedPackage } from './guard.ts'

export const middleware: GuardedPackage = {
  folder: 'middleware',
  exclude: ['types.test.ts'],
  guards: [],
}
