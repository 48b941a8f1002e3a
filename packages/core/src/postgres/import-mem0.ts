export type Mem0 = typeof import('mem0ai/oss')

let mem0: Promise<Mem0> | undefined

/** Imports `mem0ai/oss` with its telemetry off, which also turns it off for every other `Memory` of the process. */
export function importMem0(): Promise<Mem0> {
  mem0 ??= importWithoutTelemetry().catch((error: unknown) => {
    mem0 = undefined
    throw error
  })
  return mem0
}

/** mem0 reads the switch once, while it loads. */
async function importWithoutTelemetry(): Promise<Mem0> {
  const before = process.env.MEM0_TELEMETRY
  process.env.MEM0_TELEMETRY = 'false'
  try {
    return await import('mem0ai/oss')
  } finally {
    if (before === undefined) delete process.env.MEM0_TELEMETRY
    else process.env.MEM0_TELEMETRY = before
  }
}
