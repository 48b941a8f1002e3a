import { isObject } from './filters.ts'
import { rank } from './ranking.ts'
import type { Memory } from './store.ts'

/**
 * Fills a JSON Schema from memories, for exports and profiles. The service uses a model; here a list takes every text, a
 * string takes the text that shares most words with the property's name and description, and anything else is null.
 */
export function fillSchema(
  schema: Record<string, unknown>,
  memories: readonly Memory[],
): Record<string, unknown> {
  const properties = isObject(schema.properties) ? schema.properties : {}
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      valueFor(name, isObject(property) ? property : {}, memories),
    ]),
  )
}

function valueFor(name: string, property: Record<string, unknown>, memories: readonly Memory[]): unknown {
  if (property.type === 'array') return memories.map(({ text }) => text)
  if (property.type !== 'string') return null
  const topic = `${name.replaceAll('_', ' ')} ${String(property.description ?? '')}`
  return rank(topic, memories, Date.now())[0]?.memory.text ?? null
}
