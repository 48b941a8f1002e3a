import { MemoryClient } from 'mem0ai'

/** mem0's client, with something that happens to the data after each page it has read: `requests` counts them from 1. */
export class InterruptedClient extends MemoryClient {
  afterPage: (requests: number) => void = () => {}
  #requests = 0

  override async getAll(options?: Parameters<MemoryClient['getAll']>[0]) {
    const page = await super.getAll(options)
    this.afterPage(++this.#requests)
    return page
  }
}
