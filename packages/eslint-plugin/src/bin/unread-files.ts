import type { ESLint, Linter } from 'eslint'

/** A file that ESLint could not read. */
export interface UnreadFile {
  /** The path, with line and column where they are known. */
  readonly at: string
  readonly message: string
  /** Whether ESLint needs another parser to read it. */
  readonly needsParser: boolean
}

/** How many files are listed; more would repeat the same. */
const mostShown = 5

/** What to write so that ESLint reads TypeScript and JSX. */
export const howToParse = `TypeScript and JSX need a parser that reads them. Name it in the ESLint configuration:

  import tseslint from 'typescript-eslint' // npm install --save-dev typescript-eslint

  {
    files: ['**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}'],
    languageOptions: { parser: tseslint.parser },
  }`

/** The message that says why a file was not read: it does not parse, or no configuration takes it in. */
export const unreadMessage = (messages: readonly Linter.LintMessage[]): Linter.LintMessage | undefined =>
  messages.find(
    ({ fatal, ruleId, message }) =>
      fatal === true || (ruleId === null && message.includes('no matching configuration')),
  )

/** Describes a file that was not read. */
export async function unreadFile(
  eslint: ESLint,
  filePath: string,
  path: string,
  { line, column, message }: Linter.LintMessage,
): Promise<UnreadFile> {
  const config = (await eslint.calculateConfigForFile(filePath)) as Linter.Config | undefined
  const parser = config?.languageOptions?.parser as { name?: string; meta?: { name?: string } } | undefined
  const isOwnParser = !parser || (parser.meta?.name ?? parser.name) === 'espree'
  return {
    at: line ? `${path}:${line}:${column}` : path,
    message: message.split('\n', 1)[0] ?? '',
    needsParser:
      isOwnParser && (/\.(?:[mc]?ts|[jt]sx)$/.test(path) || message.includes('Unexpected token <')),
  }
}

/** Says how many files were not read, which and why, and what to write in the configuration. */
export function sayUnread(unread: readonly UnreadFile[]): string {
  const shown = unread.slice(0, mostShown).map(({ at, message }) => `  ${at}  ${message}`)
  if (unread.length > mostShown) shown.push(`  and ${unread.length - mostShown} more`)
  const count =
    unread.length === 1
      ? '1 file could not be read, so its calls were not checked:'
      : `${unread.length} files could not be read, so their calls were not checked:`
  const hint = unread.some(({ needsParser }) => needsParser) ? [howToParse] : []
  return [count, ...shown, ...hint].join('\n')
}
