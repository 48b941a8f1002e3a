export { openEmbeddedMemory, type EmbeddedMemoryOptions } from './open.ts'
export type { EmbeddedMemory } from './embedded-memory.ts'
