// Checks the types of each package as it would be published. pnpm applies publishConfig when it packs; attw would not.
// What it says of `require` of an ES module is not so from Node 20.19 on, the oldest that the packages support.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

for (const name of readdirSync('packages')) {
  const directory = mkdtempSync(join(tmpdir(), 'packed-'))
  try {
    execFileSync('pnpm', ['pack', '--pack-destination', directory], {
      cwd: join('packages', name),
      stdio: 'pipe',
    })
    const [tarball] = readdirSync(directory)
    execFileSync(
      'node_modules/.bin/attw',
      [join(directory, tarball), '--ignore-rules', 'cjs-resolves-to-esm', '--format', 'ascii'],
      {
        stdio: 'inherit',
      },
    )
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
