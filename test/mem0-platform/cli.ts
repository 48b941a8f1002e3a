import { parseArgs } from 'node:util'
import { startMem0Platform } from './index.ts'

const USAGE = `Runs a stand-in for the hosted mem0 API on this machine.

  pnpm mem0-platform [options]

  --port <number>   port to listen on (default 8765; 0 takes a free one)
  --host <address>  address to listen on (default 127.0.0.1)
  --key <key>       accept only this API key (default: any key that begins with m0-)
  --delay <millis>  how long adds and deletions of many memories take to show (default 0)
  --help            show this text

Point a client at it: new MemoryClient({ apiKey: 'm0-local', host: 'http://127.0.0.1:8765' })`

class UsageError extends Error {}

function readOptions() {
  const { values } = parse()
  if (values.key === '')
    throw new UsageError('--key takes a key; leave it out to accept any that begins with m0-.')
  return {
    help: values.help === true,
    port: wholeNumber('port', values.port, 65_535),
    host: values.host,
    delay: wholeNumber('delay', values.delay, 3_600_000),
    ...(values.key !== undefined && { apiKey: values.key }),
  }
}

function parse() {
  try {
    return parseArgs({
      // pnpm and npm differ in whether they pass a separating "--" on to the script.
      args: process.argv.slice(2).filter((argument) => argument !== '--'),
      options: {
        port: { type: 'string', default: '8765' },
        host: { type: 'string', default: '127.0.0.1' },
        key: { type: 'string' },
        delay: { type: 'string', default: '0' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError(`${(error as Error).message} See --help.`)
  }
}

function wholeNumber(option: string, text: string, max: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= max) return number
  throw new UsageError(`--${option} takes a whole number from 0 to ${max}, not "${text}".`)
}

function messageOf(error: unknown, port: number, host: string): string {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'EADDRINUSE':
      return (
        `Port ${port} is already in use. Stop what is listening there, or choose another port with --port; ` +
        `pnpm mem0-platform --port 0 takes any free one.`
      )
    case 'EACCES':
      return `This user may not listen on port ${port}. Choose one above 1023, such as --port 8765.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Leave --host out to listen on 127.0.0.1.`
    default:
      return message
  }
}

async function main(): Promise<void> {
  const { help, port, host, delay, ...key } = readOptions()
  if (help) return console.log(USAGE)
  try {
    const platform = await startMem0Platform({
      port,
      host,
      addDelayMillis: delay,
      deleteDelayMillis: delay,
      recordRequests: false,
      ...key,
    })
    console.log(`mem0 stand-in: ${platform.url} (Ctrl+C stops it)`)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void platform.close())
  } catch (error) {
    throw new UsageError(messageOf(error, port, host))
  }
}

await main().catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error
  console.error(error.message)
  process.exitCode = 1
})
