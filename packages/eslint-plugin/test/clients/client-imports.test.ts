import ts from 'typescript'
import { expect, test } from 'vitest'
import { mem0Clients } from '../../src/clients/mem0.ts'
import { importsClient } from '../../src/clients/client-imports.ts'

const mem0 = 'declare class MemoryClient { get(id: string): void }\nexport { MemoryClient }'

/** A program over files that exist only here. */
function programOf(files: Readonly<Record<string, string>>): ts.Program {
  const all = { ...files, '/node_modules/mem0ai/index.d.ts': mem0 } as Record<string, string>
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost({}),
    fileExists: (name) => name in all,
    readFile: (name) => all[name],
    getSourceFile: (name, options) =>
      all[name] === undefined ? undefined : ts.createSourceFile(name, all[name], options, true),
    getCurrentDirectory: () => '/',
    directoryExists: () => true,
    getDirectories: () => [],
    realpath: (name) => name,
  }
  const options = {
    noLib: true,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  }
  return ts.createProgram({ rootNames: Object.keys(files), options, host })
}

const client = "import { MemoryClient } from 'mem0ai'\nexport const client = new MemoryClient()"

test('types are asked for only where imports lead to a client', () => {
  const program = programOf({
    '/client.ts': client,
    '/service.ts': "export { client as held } from './client'",
    '/page.ts': "import { held } from './service'\nheld.get('x')",
    '/lazy.ts': "export const load = () => import('./service')",
    '/other.ts': 'export const map = new Map()',
    '/user.ts': "import { map } from './other'\nmap.get('x')",
  })
  const reached = ['/client.ts', '/service.ts', '/page.ts', '/lazy.ts', '/other.ts', '/user.ts'].filter(
    (name) => importsClient(program, { fileName: name }, mem0Clients),
  )
  expect(reached).toEqual(['/client.ts', '/service.ts', '/page.ts', '/lazy.ts'])
})

test('a client that is declared for everybody is looked for everywhere', () => {
  const program = programOf({
    '/types.ts': "import type { MemoryClient } from 'mem0ai'\ndeclare global { var mem0: MemoryClient }",
    '/page.ts': "mem0.get('x')",
  })
  expect(importsClient(program, { fileName: '/page.ts' }, mem0Clients)).toBe(true)
})

test('no file reaches a client where there is none', () => {
  const program = programOf({ '/a.ts': 'export const map = new Map()', '/b.ts': "import './a'" })
  expect(['/a.ts', '/b.ts'].some((name) => importsClient(program, { fileName: name }, mem0Clients))).toBe(
    false,
  )
})
