const warned = new Set<string>()

/** Tells the developer once per process; where there is no process, on the console. */
export function warnOnce(code: string, message: string): void {
  if (warned.has(code)) return
  warned.add(code)
  if (typeof process === 'object' && typeof process.emitWarning === 'function') {
    process.emitWarning(message, { type: 'ScopedMemoryWarning', code })
  } else {
    console.warn(message)
  }
}
