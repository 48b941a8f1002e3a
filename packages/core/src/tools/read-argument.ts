import { InvalidArgumentError } from '../errors.ts'
import { snapshotObject } from '../input/snapshot.ts'
import { TOOLS, type MemoryToolName } from './definitions.ts'

/**
 * The argument of a tool call, from what the model wrote: an object, or JSON text as OpenAI hands it on.
 *
 * @throws InvalidArgumentError in words for the model: for anything beside the one argument that the tool takes, above
 *   all for what would name a user, and for a value that is no text, blank or too long
 */
export function readArgument(tool: MemoryToolName, input: unknown): string {
  const { argument } = TOOLS[tool]
  const example = argument === undefined ? '{}' : `{"${argument.name}": "…"}`
  const read = snapshotObject(
    typeof input === 'string' ? parsed(tool, input, example) : (input ?? {}),
    `${tool} arguments`,
  )
  for (const key of Object.keys(read)) {
    if (key === argument?.name) continue
    throw new InvalidArgumentError(
      `${tool} does not take ${JSON.stringify(key.slice(0, 64))}. It works on the memory of the one user of this conversation; ` +
        `no other user can be named. Call it with ${example} only.`,
    )
  }
  if (argument === undefined) return ''
  const text = read[argument.name]
  if (typeof text !== 'string' || text.trim() === '' || text.length > argument.maxLength) {
    throw new InvalidArgumentError(
      `${tool} takes ${example}: a text that is not blank, of at most ${argument.maxLength} characters.`,
    )
  }
  return text
}

function parsed(tool: string, json: string, example: string): unknown {
  if (json.trim() === '') return {}
  try {
    return JSON.parse(json)
  } catch {
    throw new InvalidArgumentError(`The arguments of ${tool} are no JSON. Call it with ${example}.`)
  }
}
