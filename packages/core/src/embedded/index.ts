export { openEmbeddedMemory, type EmbeddedMemory, type EmbeddedMemoryOptions } from './open.ts'
