import { describe, it } from 'node:test'
import { createMemory, isolationContract } from './suite.mjs'

isolationContract({ describe, it, createMemory })
