export { openEmbeddedMemory, type EmbeddedMemoryOptions } from './open.ts'
export type { EmbeddedMemory } from './memory.ts'
