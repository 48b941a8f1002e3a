const warned = new Set<string>()

/** Warns the developer, once per code and process; on the console where there is no `process`. */
export function warnOnce(code: string, message: string): void {
  if (warned.has(code)) return
  warned.add(code)
  if (typeof process === 'object' && typeof process.emitWarning === 'function') {
    process.emitWarning(message, { type: 'ScopedMemoryWarning', code })
  } else {
    console.warn(message)
  }
}
