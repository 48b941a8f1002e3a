import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// mem0ai/oss writes ~/.mem0/config.json and reads its telemetry switch while it loads: both must be set first.
process.env.MEM0_TELEMETRY = 'false'
process.env.MEM0_DIR ??= mkdtempSync(join(tmpdir(), 'mem0-'))
