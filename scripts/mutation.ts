// Changes one condition at a time and lists the changes that no test notices. A guard that nobody misses is not a guard.
//     pnpm mutation                                                    what is new since the last run
//     pnpm mutation core/src/filters core/src/records                  files whose path contains one of these
//     pnpm mutation core/src/filters core/test/filters.test.ts         the same, asking these tests only
import { readdirSync } from 'node:fs'
import { Stryker } from '@stryker-mutator/core'

const args = process.argv.slice(2).filter((arg) => arg !== '--')
const tests = args.filter((arg) => arg.endsWith('.test.ts'))
const sources = args.filter((arg) => !tests.includes(arg))

let unnoticed = 0
for (const name of ['core', 'middleware', 'eslint-plugin']) {
  const folder = `packages/${name}`
  const files = readdirSync(`${folder}/src`, { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/src/${file}`)
    .filter((file) => file.endsWith('.ts') && !file.includes('/testing/attacks/'))
    .filter((file) => sources.length === 0 || sources.some((source) => file.includes(source)))
  if (files.length === 0) continue
  const mutants = await new Stryker({
    mutate: files,
    testFiles: tests.length === 0 ? [`${folder}/test/**/*.test.ts`] : tests.map((test) => `**/${test}`),
    // What is asked for by name is asked afresh, and a part of the tests does not stand for all of them.
    incremental: args.length === 0,
    incrementalFile: `reports/mutation/${name}.json`,
  }).runMutationTest()
  unnoticed += mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage').length
}
if (unnoticed > 0) process.exitCode = 1
