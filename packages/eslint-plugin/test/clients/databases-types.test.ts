import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import type { ClientDescription } from '../../src/clients/client-description.ts'
import { clients } from '../../src/index.ts'

// Each member that a description names is asked of the types of the SDK itself, so that a rename there is noticed here.

const folder = join(import.meta.dirname, 'fixtures')
const entryFile = join(folder, 'every-database.ts')

/** The names of what a client, or a part of one, has in its SDKs. */
const namesIn: Readonly<Record<string, string>> = {
  'prisma.Model': "import('@prisma/client/runtime/client').Operation",
  supabase: "keyof import('@supabase/supabase-js').SupabaseClient",
  'supabase.Schema': "keyof ReturnType<import('@supabase/supabase-js').SupabaseClient['schema']>",
  'supabase.Table': "keyof ReturnType<import('@supabase/supabase-js').SupabaseClient['from']>",
  drizzle: "keyof import('drizzle-orm/pg-core').PgDatabase<any>",
  'drizzle.Query':
    "keyof import('drizzle-orm/pg-core/query-builders/query').RelationalQueryBuilder<any, any>",
  redis: [
    "keyof import('ioredis').Redis",
    "keyof import('redis').RedisClientType",
    "keyof import('@upstash/redis').Redis",
  ].join(' | '),
}

const databases = Object.entries(clients as Readonly<Record<string, ClientDescription>>).filter(
  ([, { tables }]) => tables !== undefined,
)
const wanted = databases.flatMap(([name, client]) => [
  ...[...Object.keys(client.methods), ...Object.keys(client.properties ?? {})].map((member) => ({
    of: name,
    member,
  })),
  ...Object.entries(client.parts ?? {}).flatMap(([part, { methods }]) =>
    Object.keys(methods).map((member) => ({ of: `${name}.${part}`, member })),
  ),
])

/** A program of one file among the fixtures. */
function programOf(code: string): ts.Program {
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, folder)
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (file, target) =>
    file === entryFile ? ts.createSourceFile(file, code, target) : read(file, target)
  return ts.createProgram([entryFile], options, host)
}

/** What the compiler says of the code of a file. */
function errorsOf(code: string): string[] {
  const program = programOf(code)
  return program
    .getSemanticDiagnostics(program.getSourceFile(entryFile))
    .map(
      ({ start = 0, messageText }) =>
        `${code.slice(0, start).split('\n').length}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    )
}

test('the SDKs have each method and property', { timeout: 120_000 }, () => {
  const lines = wanted.map(({ of, member }, at) => `export const a${at}: ${namesIn[of]} = '${member}'`)
  expect(errorsOf(lines.join('\n'))).toEqual([])
  // A name that is not there is seen.
  const wrong = Object.values(namesIn).map((names, at) => `export const a${at}: ${names} = 'nowhere'`)
  expect(errorsOf(wrong.join('\n'))).toHaveLength(wrong.length)
})

test('the SDKs export each class and factory', { timeout: 120_000 }, () => {
  // The client of Prisma is generated, and Drizzle's databases have their common types in the cores.
  const cores = ['pg', 'mysql', 'sqlite', 'singlestore'].map((core) => `drizzle-orm/${core}-core`)
  for (const [name, { modules, classes, factories = [] }] of databases) {
    if (name === 'prisma') continue
    const from = name === 'drizzle' ? [...modules, ...cores] : modules
    const program = programOf(from.map((module, at) => `export * as m${at} from '${module}'`).join('\n'))
    const checker = program.getTypeChecker()
    const all = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entryFile)!)!)
    const exported = all.flatMap((alias) =>
      checker.getExportsOfModule(checker.getAliasedSymbol(alias)).flatMap((symbol) => {
        const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
        // The static methods of a class too: Redis.fromEnv().
        const statics = target.flags & ts.SymbolFlags.Class ? [...(target.exports?.keys() ?? [])] : []
        return [symbol.name, ...statics.map(String)]
      }),
    )
    expect(all).toHaveLength(from.length)
    expect([...classes, ...factories].filter((wanted) => !exported.includes(wanted))).toEqual([])
  }
})
