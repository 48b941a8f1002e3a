/** Work that the service has accepted but not done yet. */
export class Jobs {
  #timers = new Set<NodeJS.Timeout>()

  /** Runs the work after a delay; without one, at once, so that the next response shows it. */
  after(millis: number, work: () => void): void {
    if (millis <= 0) return work()
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, millis)
    timer.unref()
    this.#timers.add(timer)
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
