// Takes out one guard of core at a time and shows which test notices. A guard that nobody misses is no guard.
//     pnpm mutation            all of them
//     pnpm mutation filters …  those whose file or name contains one of the words
import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Guard {
  readonly name: string
  /** Below packages/core/src. */
  readonly file: string
  readonly code: string
  readonly without: string
}

const guard = (name: string, file: string, code: string, without: string): Guard => ({
  name,
  file,
  code,
  without,
})

const GUARDS: readonly Guard[] = [
  guard(
    'a user id is a string',
    'user-id.ts',
    "if (typeof value !== 'string') {",
    'if (value === undefined) {',
  ),
  guard('a user id is not empty', 'user-id.ts', "if (value.length === 0) return 'is empty'", ''),
  guard('a user id is bounded', 'user-id.ts', 'value.length > MAX_LENGTH', 'false'),
  guard('a user id is no reserved word', 'user-id.ts', 'RESERVED.has(value)', 'false'),
  guard('a user id has no whitespace', 'user-id.ts', 'WHITESPACE_OR_CONTROL.test(value)', 'false'),
  guard('a user id is well-formed', 'user-id.ts', '!value.isWellFormed()', 'false'),
  guard('input is copied', 'snapshot.ts', 'return copy(value, 0)', 'return value as Plain'),
  guard('polluting keys are refused', 'snapshot.ts', 'FORBIDDEN_KEYS.has(key)', 'false'),
  guard(
    'class instances are refused',
    'snapshot.ts',
    "if (time === undefined) throw refusal('holds an instance of a class')",
    'if (time === undefined) return {}',
  ),
  guard('depth is bounded', 'snapshot.ts', 'depth > MAX_DEPTH', 'depth > 1e9'),
  guard('the number of values is bounded', 'snapshot.ts', '++values > MAX_VALUES', '++values > 1e9'),
  guard('the size of text is bounded', 'snapshot.ts', 'characters > MAX_CHARACTERS', 'false'),
  guard('numbers are finite', 'snapshot.ts', '!Number.isFinite(input)', 'false'),
  guard('options are an allow-list', 'options.ts', 'if (!Object.hasOwn(allowed, key)) {', 'if (false) {'),
  guard('options are of their kind', 'options.ts', 'if (!kind.holds(option)) {', 'if (false) {'),
  guard(
    'a page is a whole number',
    'options.ts',
    'Number.isSafeInteger(value) && (value as number) >= 1',
    'true',
  ),
  guard(
    'an option that names a user is a scope escape',
    'options.ts',
    '  if (namesUser(key)) {\n    return new ScopeEscapeError(',
    '  if (false) {\n    return new ScopeEscapeError(',
  ),
  guard(
    'an option that names a tenant is a scope escape',
    'options.ts',
    '  if (namesTenant(key)) {\n    return new ScopeEscapeError(',
    '  if (false) {\n    return new ScopeEscapeError(',
  ),
  guard('metadata names no identity', 'options.ts', '!isIdentityMetadata(key)', 'true'),
  guard(
    'a message names no user',
    'options.ts',
    'if (namesUser(key) || namesTenant(key) || isIdentityMetadata(key)) {',
    'if (false) {',
  ),
  guard('a query is a string', 'options.ts', "typeof value !== 'string' || value.trim() === ''", 'false'),
  guard(
    'filters name no user',
    'filters.ts',
    "if (plainKey === 'userid') {",
    "if (plainKey === 'nothing') {",
  ),
  guard(
    'the own user is repeated only where all conditions hold',
    'filters.ts',
    "if (atTop && key === 'user_id' && value === userId) return true",
    "if (key === 'user_id' && value === userId) return true",
  ),
  guard(
    'what stands under OR and NOT is not at the top',
    'filters.ts',
    'conjunction(item, false)',
    'conjunction(item, true)',
  ),
  guard('field names are names', 'filters.ts', '!FIELD_NAME.test(key)', 'false'),
  guard('filters name no tenant', 'filters.ts', "engine === 'hosted' && namesTenant(key)", 'false'),
  guard('operators are known', 'filters.ts', '!OPERATORS.has(operator)', 'false'),
  guard(
    'values are scalars',
    'filters.ts',
    'if (typeof value === \'object\' && value !== null) {\n      throw refuse(`"${key}" compares',
    'if (false) {\n      throw refuse(`"${key}" compares',
  ),
  guard('metadata filters name no user', 'filters.ts', "if (spelling(key) === 'userid')", 'if (false)'),
  guard(
    'a bound dimension is not filtered away',
    'filters.ts',
    "keepBound(scope, dimension, value, 'filters')",
    '',
  ),
  guard(
    'a dimension is left as it is by mem0ai/oss',
    'filters.ts',
    "if (typeof value === 'string' && value !== '' && !/\\s/.test(value)) return value",
    'return value',
  ),
  guard(
    'a bound dimension cannot change',
    'scope.ts',
    'if (bound === undefined || bound === value) return',
    'return',
  ),
  guard('a scope names no user', 'scope.ts', '} else if (namesUser(key)) {', '} else if (false) {'),
  guard(
    'a dimension is an id',
    'scope.ts',
    'dimensions[dimension] = validateEntityId(given[key], `${label}: ${key}`)',
    'dimensions[dimension] = given[key] as string',
  ),
  guard(
    'hosted: the user is in the filter',
    'engines/hosted.ts',
    'const bound: PlainObject[] = [{ user_id: scope.userId }]',
    'const bound: PlainObject[] = []',
  ),
  guard(
    'hosted: bound dimensions are in the filter',
    'engines/hosted.ts',
    'if (id !== undefined) bound.push({ [wireName]: id })',
    '',
  ),
  guard(
    'hosted: clauses stand under AND',
    'engines/hosted.ts',
    'filters: { AND: [...bound, ...filter.map(written)] },',
    'filters: Object.assign({ AND: bound }, ...filter.map(written)) as object,',
  ),
  guard(
    'hosted: the owner is always fetched',
    'engines/hosted.ts',
    '...(isList(fields) && {',
    '...(false && {',
  ),
  guard(
    'hosted: the user of an add',
    'engines/hosted.ts',
    '{ ...options, ...dimensions, userId }',
    '{ ...options, ...dimensions }',
  ),
  guard(
    'hosted: deletes by user alone',
    'engines/hosted.ts',
    'return (await connect()).deleteAll({ userId })',
    'return (await connect()).deleteAll({ userId, runId: "r1" })',
  ),
  guard(
    'self-hosted: the user is in the filter',
    'engines/self-hosted.ts',
    "written['user_id'] = scope.userId",
    '',
  ),
  guard(
    'self-hosted: bound dimensions are in the filter',
    'engines/self-hosted.ts',
    'if (id !== undefined) written[wireName] = id',
    '',
  ),
  guard(
    'self-hosted: one operator per field where the store reads one',
    'engines/self-hosted.ts',
    'if (store.oneOperatorPerField) {',
    'if (false) {',
  ),
  guard('self-hosted: no condition is lost', 'engines/self-hosted.ts', 'isObject(one) &&', 'true ||'),
  guard(
    'inexact stores are refused',
    'settings.ts',
    "store.matching === 'inexact' && storageId === undefined",
    'false',
  ),
  guard('stores that never filter are refused', 'settings.ts', "store.matching === 'never'", 'false'),
  guard(
    'unknown stores count as inexact',
    'engines/vector-stores.ts',
    ": { matching: 'inexact', reason:",
    ": { matching: 'exact', reason:",
  ),
  guard('ambiguous ids are refused', 'settings.ts', 'this.#ambiguousIds?.test(userId) === true', 'false'),
  guard(
    'the storage id is stored',
    'settings.ts',
    "if (this.#storageId === 'sha256') return sha256(userId)",
    '',
  ),
  guard(
    'constructor options are an allow-list',
    'settings.ts',
    'if (!OPTION_NAMES.has(key)) throw unknownOption(key)',
    'if (false) throw unknownOption(key)',
  ),
  guard('a memory id is no path', 'ownership.ts', '!MEMORY_ID.test(value)', 'false'),
  guard(
    'a memory id is a string',
    'ownership.ts',
    "if (typeof value !== 'string' || !MEMORY_ID.test(value)) return undefined",
    'if (!MEMORY_ID.test(value as string)) return undefined',
  ),
  guard(
    'a proof is of the scope',
    'ownership.ts',
    "owner !== undefined && standingOf(scope, owner, 'proof') === 'own'",
    'owner !== undefined',
  ),
  guard('a proof is of the id', 'verify.ts', '!isRecordOf(row, id) || ', ''),
  guard(
    'a fetched record is proven',
    'verify.ts',
    "if (!isRecordOf(row, id) || standingOf(scope, identity, 'proof') !== 'own') {",
    'if (false) {',
  ),
  guard(
    'a record is proven before it is used',
    'verify.ts',
    'if (!call.binding.settings.ownership.isProven(id, call.binding.scope)) await fetchOwn(call, id)',
    '',
  ),
  guard(
    'rows are verified',
    'verify.ts',
    'const standing = standingOf(scope, identity, evidence)',
    "const standing = 'own' as Standing",
  ),
  guard(
    'self-hosted rows name their owner',
    'engines/self-hosted.ts',
    'recordsNameOwner: true',
    'recordsNameOwner: false',
  ),
  guard('strict ownership', 'verify.ts', '|| settings.strictOwnership', ''),
  guard(
    'answers of writes name no other',
    'verify.ts',
    "(namesAnother(call, identity) ? 'foreign' : 'own')",
    "'own'",
  ),
  guard('foreign records throw', 'verify.ts', 'if (drops) return', 'return'),
  guard(
    'violations are reported',
    'verify.ts',
    "report(call, 'foreign-record'",
    "void (call, 'foreign-record'",
  ),
  guard('two owners are none', 'records.ts', 'return other === null ? one : CONFLICT', 'return one'),
  guard(
    'an answer is a list of records',
    'records.ts',
    '!Array.isArray(rows) || !rows.every(isRow)',
    '!Array.isArray(rows)',
  ),
  guard(
    'a history needs a living record',
    'scoped-memory.ts',
    'this.#changes(call, (await fetchOwn(call, id)).id)',
    'this.#changes(call, id)',
  ),
  guard(
    'hosted: what an agent says stays with the user',
    'scoped-memory.ts',
    "engine.name === 'hosted' && scope.agentId !== undefined && rest['infer'] !== false",
    'false',
  ),
  guard(
    'deleteAll takes no options',
    'scoped-memory.ts',
    '(options as unknown[]).some((option) => option !== undefined)',
    'false',
  ),
  guard(
    'batches are proven before the first update',
    'scoped-memory.ts',
    'const ids = await this.#proven(\n        call,\n        patches.map(({ memoryId }) => memoryId),\n      )',
    'const ids = patches.map(({ memoryId }) => memoryId)',
  ),
  guard(
    'batches are proven before the first delete',
    'scoped-memory.ts',
    "await this.#proven(call, listOf(ids, 'batchDelete', '[\"memory-id\", …]'))",
    "listOf(ids, 'batchDelete', '') as string[]",
  ),
  guard(
    'feedback is proven',
    'scoped-memory.ts',
    "const memoryId = await prove(call, data['memoryId'])",
    "const memoryId = data['memoryId']",
  ),
  guard('a handle is frozen', 'scoped-memory.ts', 'Object.freeze(this)', ''),
  guard(
    'a forged binding is no binding',
    'scoped-memory.ts',
    'bound instanceof Binding ? bound',
    "typeof bound === 'object' ? (bound as Binding)",
  ),
  guard('a narrowed deleteAll deletes record by record', 'deletion.ts', '&& !isNarrowed(scope)', ''),
  guard(
    'an inexact store deletes record by record',
    'engines/self-hosted.ts',
    "deletesExactly: store.matching === 'exact'",
    'deletesExactly: true',
  ),
  guard(
    'erase looks until nothing is left',
    'deletion.ts',
    'if ((await idsOf(call)).length === 0) break',
    'break',
  ),
  guard('requests are bounded in time', 'bounded.ts', 'reject(timedOut(operation, millis))', ''),
  guard('an aborted signal sends nothing', 'bounded.ts', 'if (signal?.aborted) {', 'if (false) {'),
  guard('no listener stays on a signal', 'bounded.ts', "signal?.removeEventListener('abort', onAbort)", ''),
  guard(
    'a scope that narrows by nothing is refused',
    'scoped-memory.ts',
    'if (Object.keys(by).length === 0) {',
    'if (false) {',
  ),
  guard(
    'a null is no client',
    'settings.ts',
    'const owner = client === undefined ? DEFAULT_CLIENT : client',
    'const owner = client ?? DEFAULT_CLIENT',
  ),
  guard(
    'a participant is no user',
    'options.ts',
    "if (key === 'name' && engine === 'hosted') {",
    'if (false) {',
  ),
  guard('names that every object has are no fields', 'filters.ts', '|| key in Object.prototype', ''),
  guard(
    'a history is of the record asked for',
    'verify.ts',
    '|| (of !== undefined && readMemoryId(of) !== id)',
    '',
  ),
  guard(
    'a stale proof is no error of its own',
    'verify.ts',
    'if (!engine.isNoSuchRecord(error)) throw error\n    for',
    'throw error\n    for',
  ),
  guard(
    'a batch that is not written at once is proven anew',
    'engines/self-hosted.ts',
    'batchesAtOnce: false',
    'batchesAtOnce: true',
  ),
  guard(
    'no receipt where lists show nothing',
    'engines/vector-stores.ts',
    "  turbopuffer: { matching: 'exact', userIndex: 'built-in', hidesFailures: true },",
    "  turbopuffer: { matching: 'exact', userIndex: 'built-in' },",
  ),
  guard(
    'pages that shift are gone over again',
    'engines/hosted.ts',
    'if (answer === undefined) shifted = true',
    '',
  ),
  guard(
    'a count counts own records',
    'answers.ts',
    '&& own.length === rowsOf(answer, call.operation).length',
    '',
  ),
  guard(
    'acknowledgements are read',
    'answers.ts',
    'known.flatMap((key) =>',
    'Object.keys(said).flatMap((key) =>',
  ),
  guard(
    'erase has its own time',
    'scoped-memory.ts',
    'return eraseScope({ ...call, send }, deadline)',
    'return eraseScope(call, deadline)',
  ),
]

const root = fileURLToPath(new URL('..', import.meta.url))
const only = process.argv.slice(2)
const chosen = GUARDS.filter(
  ({ name, file }) => only.length === 0 || only.some((part) => file.includes(part) || name.includes(part)),
)
const copy = await mkdtemp(join(tmpdir(), 'mutation-'))
const missed: string[] = []
try {
  for (const entry of [
    'packages/core',
    'test/mem0-platform',
    'test/setup.ts',
    'test/package.json',
    'vitest.config.ts',
    'tsconfig.json',
    'tsconfig.base.json',
    'package.json',
  ]) {
    await cp(join(root, entry), join(copy, entry), {
      recursive: true,
      filter: (path) => !/node_modules|\/dist(\/|$)/.test(path),
    })
  }
  for (const modules of ['node_modules', 'packages/core/node_modules', 'test/node_modules']) {
    await symlink(join(root, modules), join(copy, modules))
  }
  const intact = await runTests()
  if (intact !== undefined) throw new Error(`The tests fail before any guard is taken out: ${intact}`)
  for (const { name, file, code, without } of chosen) {
    const path = join(copy, 'packages/core/src', file)
    const source = await readFile(path, 'utf8')
    if (source.split(code).length !== 2)
      throw new Error(`${file}: "${code}" stands there ${source.split(code).length - 1} times, not once.`)
    await writeFile(
      path,
      source.replace(code, () => without),
    )
    const noticed = await runTests()
    await writeFile(path, source)
    if (noticed === undefined) missed.push(name)
    console.log(
      `${noticed === undefined ? 'MISSED ' : 'noticed'}  ${name} (${file})\n         ${noticed ?? 'no test fails without it'}`,
    )
  }
} finally {
  await rm(copy, { recursive: true, force: true })
}
console.log(
  `\n${chosen.length - missed.length} of ${chosen.length} guards are missed by a test when they are taken out.`,
)
if (missed.length > 0) process.exitCode = 1

/** The first test that fails, or undefined when all pass. */
async function runTests(): Promise<string | undefined> {
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--project',
      'core',
      '--bail=1',
      '--reporter=json',
      '--exclude=**/types.test.ts',
      '--exclude=**/user-index.test.ts',
      '--exclude=**/testing/**',
      '--exclude=**/embedded/**',
      '--exclude=**/tools/**',
      '--exclude=**/for-each-user.test.ts',
    ],
    { cwd: copy, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  await new Promise((resolve) => child.on('close', resolve))
  const report = output.slice(output.indexOf('{"numTotalTestSuites'))
  const { testResults } = JSON.parse(report.slice(0, report.lastIndexOf('}') + 1)) as {
    testResults: {
      name: string
      message: string
      status: string
      assertionResults: { status: string; fullName: string }[]
    }[]
  }
  for (const { name, message, status, assertionResults } of testResults) {
    const failed = assertionResults.find((result) => result.status === 'failed')
    if (failed !== undefined) return failed.fullName
    if (status === 'failed') return `${name.split('/').at(-1)}: ${message.split('\n')[0]}`
  }
  return undefined
}
