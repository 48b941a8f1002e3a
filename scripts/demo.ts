// The whole idea as a story: quick start, the leak, the lint report that would have stopped it, the fixed state.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const node = ['--conditions=@scoped-memory/source', '--import', 'tsx']
const before = 'examples/breakage/src/before.ts'
const after = 'examples/breakage/src/after.ts'

chapter('Two users, one store', 'examples/quickstart/src/index.ts')
run('examples/quickstart/src/index.ts')

chapter('The same assistant without a user in its calls', before)
run(before)

chapter('What the build would have said', `eslint ${before}`)
lint(before, 'fails')

chapter('The same assistant on ScopedMemory', after)
run(after)
lint(after, 'passes')

console.log(
  '\nMemory that cannot leak: checked at run time, at lint time and at test time. README.md says how to install it.',
)

function chapter(title: string, source: string): void {
  console.log(`\n── ${title} ${'─'.repeat(Math.max(2, 76 - title.length))}\n   ${source}\n`)
}

function run(script: string): void {
  const { status } = spawnSync(process.execPath, [...node, script], { cwd: root, stdio: 'inherit' })
  if (status !== 0) fail(`${script} ended with ${status}`)
}

function lint(file: string, expected: 'passes' | 'fails'): void {
  const arguments_ = [
    ...node,
    'node_modules/eslint/bin/eslint.js',
    '--config',
    'examples/breakage/lint.config.js',
    file,
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, arguments_, { cwd: root, encoding: 'utf8' })
  if (status !== (expected === 'fails' ? 1 : 0)) fail(`${stdout}${stderr}\nthe lint ended with ${status}`)
  console.log(
    expected === 'fails' ? stdout.replaceAll(root, '').trim() : `\nThe lint reports nothing in ${file}.`,
  )
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
