import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import type { ClientDescription, Members } from '../../src/clients/client-description.ts'
import { type KnownClient, knownClients } from '../../src/clients/known/index.ts'

// Each member that a description names is asked of the types of the SDK itself, so that a rename there is noticed here.

const folder = join(import.meta.dirname, 'fixtures')
const descriptions: Readonly<Record<KnownClient, ClientDescription>> = knownClients
const every = Object.keys(descriptions) as KnownClient[]
// The tables of a general database are not among its types: databases-types.test.ts has them.
const names = every.filter((name) => descriptions[name].tables === undefined)

const entries = names.flatMap((name) =>
  descriptions[name].modules.map((module, at) => ({ name, module, alias: `${name}${at}` })),
)
const entryFile = join(folder, 'every-client.ts')
const program = createProgram(
  entries.map(({ module, alias }) => `export * as ${alias} from '${module}'`).join('\n'),
)
const checker = program.getTypeChecker()

function createProgram(entry: string): ts.Program {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(folder, 'tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'))
      },
    },
  )!
  const host = ts.createCompilerHost(config.options)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (file, options) =>
    file === entryFile ? ts.createSourceFile(file, entry, options) : read(file, options)
  const exists = host.fileExists.bind(host)
  host.fileExists = (file) => file === entryFile || exists(file)
  return ts.createProgram([entryFile, ...config.fileNames], config.options, host)
}

const exportsOf = (alias: string): ReadonlyMap<string, ts.Symbol> => {
  const file = checker.getSymbolAtLocation(program.getSourceFile(entryFile)!)!
  const module = checker.getExportsOfModule(file).find((symbol) => symbol.name === alias)!
  return new Map(checker.getExportsOfModule(unaliased(module)).map((symbol) => [symbol.name, symbol]))
}

const unaliased = (symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

/** What is not on the type of a client, or of the parts that its methods and properties give. */
function missing(type: ts.Type, members: Members, client: ClientDescription, seen: Set<Members>): string[] {
  if (seen.has(members)) return []
  seen.add(members)
  const typeOf = (name: string): ts.Type | undefined => {
    const symbol = type.getProperty(name)
    return symbol && checker.getTypeOfSymbol(symbol)
  }
  const methods = Object.entries(members.methods).flatMap(([name, method]) => {
    const signature = typeOf(name)?.getCallSignatures().at(-1)
    if (!signature) return [`${type.symbol.name}.${name}()`]
    if (method.kind !== 'part') return []
    const given = checker.getReturnTypeOfSignature(signature)
    return ofPart(checker.getAwaitedType(given) ?? given, method.part, `${name}()`)
  })
  const properties = Object.entries(members.properties ?? {}).flatMap(([name, part]) => {
    const held = typeOf(name)
    return held ? ofPart(held, part, name) : [`${type.symbol.name}.${name}`]
  })
  return [...methods, ...properties]

  function ofPart(given: ts.Type, name: string, from: string): string[] {
    const part = client.parts?.[name]
    if (!part) return [`${from} gives ${name}, which is not described`]
    const classes = part.classes ?? [name]
    const declared = given.symbol.name
    return [
      ...(classes.includes(declared) ? [] : [`${from} gives ${declared}, not ${classes.join(' or ')}`]),
      ...missing(given, part, client, seen),
    ]
  }
}

test('the calls of the fixtures are as the SDKs take them', { timeout: 60_000 }, () => {
  const files = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(folder))
  expect(files.filter(({ fileName }) => !fileName.slice(folder.length + 1).includes('/'))).toHaveLength(
    every.length + 1,
  )
  const found = files.flatMap((file) => program.getSemanticDiagnostics(file))
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([])
})

describe.each(entries)('$module', ({ name, alias }) => {
  const client = descriptions[name]
  const exported = exportsOf(alias)

  test('exports the classes and factories', () => {
    for (const wanted of [...client.classes, ...(client.factories ?? [])])
      expect.soft([...exported.keys()]).toContain(wanted)
  })

  test('has each method and property, of the client and its parts', () => {
    const symbol = unaliased(exported.get(client.classes[0]!)!)
    const seen = new Set<Members>()
    expect(missing(checker.getDeclaredTypeOfSymbol(symbol), client, client, seen)).toEqual([])
    // Each part is reached.
    expect(seen.size).toBe(1 + Object.keys(client.parts ?? {}).length)
  })
})
