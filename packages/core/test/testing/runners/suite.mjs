/** What both runners run: the contract over the in-memory client, as built, with the handle named by STACK. */
const { BUILT_CORE: built, STACK: stack } = process.env
const { ScopedMemory } = await import(`${built}/index.js`)
const { createInMemoryClient } = await import(`${built}/testing/index.js`)
const { naiveMemory } = await import(`${built}/naive-memory.js`)

export const { isolationContract } = await import(`${built}/testing/index.js`)

const client = createInMemoryClient()
const stacks = {
  scoped: (userId) => new ScopedMemory(userId, { client }),
  naive: (userId) => naiveMemory(client, userId),
}
export const createMemory = stacks[stack]
