type Lookup = typeof process.getBuiltinModule

// Node before 20.16, browsers and runtimes that imitate `process` have no such function.
const process_ = (globalThis as { process?: { getBuiltinModule?: Lookup } }).process

/** Looks up a built-in module of Node, where the runtime has them: one build runs everywhere, with a little less. */
export const nodeBuiltin: Lookup | undefined = process_?.getBuiltinModule?.bind(process_)
