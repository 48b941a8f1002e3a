// Checks the types of each package as it would be published. pnpm applies publishConfig when it packs; attw would not.
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
      [join(directory, tarball), '--profile', 'esm-only', '--format', 'ascii'],
      {
        stdio: 'inherit',
      },
    )
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
