// Writes the headers of the rule pages and the list in the README from the rules' metadata; --check only compares.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '../..')
const pages = ['README.md', 'docs']
const generator = dirname(createRequire(import.meta.url).resolve('eslint-doc-generator/package.json'))

// The generator reads a plugin from one plain entry point, so it is shown one that leads to the sources.
const view = mkdtempSync(join(tmpdir(), 'scoped-memory-docs-'))
try {
  for (const name of pages) cpSync(join(root, name), join(view, name), { recursive: true })
  writeFileSync(
    join(view, 'package.json'),
    JSON.stringify({ name: 'eslint-plugin-scoped-memory', type: 'module', exports: './plugin.mjs' }),
  )
  writeFileSync(
    join(view, 'plugin.mjs'),
    `export { default } from ${JSON.stringify(pathToFileURL(join(root, 'src/index.ts')).href)}\n`,
  )
  // Tables are laid out as the rest of the repository is.
  writeFileSync(
    join(view, '.eslint-doc-generatorrc.mjs'),
    `import { format, resolveConfig } from ${JSON.stringify(import.meta.resolve('prettier'))}
const options = await resolveConfig(${JSON.stringify(join(root, 'README.md'))})
export default { postprocess: (page) => format(page, { ...options, parser: 'markdown' }) }
`,
  )
  const { status } = spawnSync(
    process.execPath,
    [
      '--conditions=@scoped-memory/source',
      '--import',
      import.meta.resolve('tsx'),
      join(generator, 'dist/bin/eslint-doc-generator.js'),
      '.',
      '--config-emoji=recommended,✅',
      '--config-emoji=recommendedTypeChecked,☑️',
      '--config-emoji=strict,🔒',
      '--config-emoji=strictTypeChecked,🔐',
      // It would ask every page to repeat how a client is described; a test looks at the options themselves.
      '--rule-doc-section-options=false',
      '--rule-doc-section-include=Why',
      '--rule-doc-section-include=Incorrect',
      '--rule-doc-section-include=Correct',
      '--rule-doc-section-include=When not to use it',
      '--rule-doc-section-include=What it cannot see',
      ...process.argv.slice(2),
    ],
    { cwd: view, stdio: 'inherit' },
  )
  process.exitCode = status ?? 1
  if (!process.argv.includes('--check'))
    for (const name of pages) cpSync(join(view, name), join(root, name), { recursive: true })
} finally {
  rmSync(view, { recursive: true })
}
