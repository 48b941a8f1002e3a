import type { Reporter } from 'vitest/node'

/** Ends a run with one plain line, for those who read it by program. What fails to load counts as failed. */
export const closingLine: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    const states = modules.flatMap((module) => {
      const tests = [...module.children.allTests()].map((test) => test.result().state)
      return module.errors().length > 0 ? [...tests, 'failed'] : tests
    })
    const count = (state: string) => states.filter((one) => one === state).length
    console.log(`\n${count('passed')} passed, ${count('failed') + unhandledErrors.length} failed`)
  },
}
