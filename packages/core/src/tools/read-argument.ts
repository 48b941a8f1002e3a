import { InvalidArgumentError } from '../errors.ts'
import { snapshotObject } from '../input/snapshot.ts'
import { TOOLS, type MemoryToolName } from './definitions.ts'

/**
 * Reads the one argument of a tool call from what the model wrote: an object, or JSON text as OpenAI passes it. Returns
 * an empty text for a tool that takes none.
 *
 * @throws InvalidArgumentError worded for the model, when there is any other argument, above all one that would name a
 *   user, or when the value is not a string, is blank or is too long
 */
export function readArgument(tool: MemoryToolName, input: unknown): string {
  const { argument } = TOOLS[tool]
  const example = argument === undefined ? '{}' : `{"${argument.name}": "…"}`
  const args = snapshotObject(
    typeof input === 'string' ? parse(tool, input, example) : (input ?? {}),
    `${tool} arguments`,
  )
  for (const key of Object.keys(args)) {
    if (key === argument?.name) continue
    throw new InvalidArgumentError(
      `${tool} does not take ${JSON.stringify(key.slice(0, 64))}. It works on the memory of the user of this conversation; ` +
        `no other user can be named. Call it with ${example} only.`,
    )
  }
  if (argument === undefined) return ''
  const text = args[argument.name]
  if (typeof text !== 'string' || text.trim() === '' || text.length > argument.maxLength) {
    throw new InvalidArgumentError(
      `${tool} takes ${example}: a text that is not blank and has at most ${argument.maxLength} characters.`,
    )
  }
  return text
}

function parse(tool: string, json: string, example: string): unknown {
  if (json.trim() === '') return {}
  try {
    return JSON.parse(json)
  } catch {
    throw new InvalidArgumentError(`The arguments of ${tool} are not valid JSON. Call it with ${example}.`)
  }
}
