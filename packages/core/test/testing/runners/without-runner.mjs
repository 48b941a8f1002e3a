import { createMemory, isolationContract } from './suite.mjs'

isolationContract({ createMemory })
