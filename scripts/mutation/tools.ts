import { guard, type GuardedPackage } from './guard.ts'

export const tools: GuardedPackage = {
  folder: 'core',
  tests: ['test/tools/memory-tools.test.ts'],
  guards: [
    guard(
      'what is not seen is escaped',
      'tools/quotation.ts',
      '\\p{Default_Ignorable_Code_Point}',
      '\\u200b',
    ),
    guard('nothing in a quotation ends it', 'tools/quotation.ts', '[<>\\u007f', '[\\u007f'),
  ],
}
