// A reporter for Stryker that names each change as soon as no test noticed it: a long run may be stopped.
import { relative } from 'node:path'

const UNNOTICED = new Set(['Survived', 'NoCoverage'])

class Survivors {
  onMutantTested({ status, fileName, location, mutatorName, replacement }) {
    if (!UNNOTICED.has(status)) return
    const { line, column } = location.start
    const change = replacement.replace(/\s+/g, ' ').slice(0, 120)
    const where = `${relative('', fileName)}:${line}:${column}`
    console.log(
      `${where}  ${mutatorName} → ${change}${status === 'NoCoverage' ? '  (no test gets here)' : ''}`,
    )
  }
}

export const strykerPlugins = [{ kind: 'Reporter', name: 'survivors', injectableClass: Survivors }]
