// Checks each package as it would be published: what is in the tarball that pnpm makes, and the types there.
// What attw says of `require` of an ES module is not so from Node 20.19 on, the oldest that the packages support.
import { execSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const directory = mkdtempSync(join(tmpdir(), 'packed-'))
try {
  execSync(`pnpm --recursive --filter "./packages/*" pack --pack-destination "${directory}"`, {
    stdio: 'pipe',
  })
  for (const tarball of readdirSync(directory).map((name) => join(directory, name))) {
    execSync(`pnpm exec publint --strict "${tarball}"`, { stdio: 'inherit' })
    execSync(`pnpm exec attw "${tarball}" --ignore-rules cjs-resolves-to-esm --format ascii`, {
      stdio: 'inherit',
    })
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
