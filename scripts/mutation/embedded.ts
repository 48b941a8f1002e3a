import { type GuardedPackage } from './guard.ts'

export const embedded: GuardedPackage = {
  folder: 'core',
  tests: ['test/embedded/'],
  guards: [],
}
