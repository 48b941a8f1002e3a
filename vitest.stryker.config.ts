// The tests that `pnpm mutation` asks, in the order in which they notice most for their time.
import { statSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import base from './vitest.config.ts'

/** Small files first: they test one module and take milliseconds, and the first failure ends a run. */
class SmallestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const size = ({ moduleId }: TestSpecification) => statSync(moduleId).size
    return Promise.resolve(files.toSorted((a, b) => size(a) - size(b)))
  }
}

// Whatever runs the compiler or another process: it is slow, and a process of its own does not see the mutant.
const exclude = [
  '**/node_modules/**',
  '**/fixtures/**',
  '**/types.test.ts',
  '**/packaging.test.ts',
  '**/docs.test.ts',
  '**/corpus.test.ts',
  '**/vendor-formats.test.ts',
  '**/*.runners.test.ts',
  '**/*.process.test.ts',
  '**/data-dir.test.ts',
  '**/*.million.test.ts',
]

export default defineConfig({
  test: {
    sequence: { sequencer: SmallestFirst },
    projects: base.test!.projects!.map((project) => {
      const { test, ...rest } = project as { test: object }
      // Loading mem0 anew for each test file takes longer than the tests.
      return { ...rest, test: { ...test, exclude, isolate: false } }
    }),
  },
})
