/** What a tool takes, as JSON Schema. */
export type ToolInputSchema = {
  type: 'object'
  properties: Record<string, { type: 'string'; description: string }>
  required: string[]
  additionalProperties: false
}

/** The tools that {@link memoryTools} gives. */
export type MemoryToolName = 'remember' | 'recall' | 'forget' | 'list'

/** A tool as it is described to a model, in nobody's format. */
export interface MemoryToolDefinition {
  readonly name: MemoryToolName
  readonly description: string
  readonly inputSchema: ToolInputSchema
  /** Whether the tool leaves the memory as it is. */
  readonly readOnly: boolean
}

/** The one argument of a tool, a text. None of them is a user, and no tool takes more than its one. */
interface ToolArgument {
  readonly name: string
  readonly description: string
  /** In characters (UTF-16 units). */
  readonly maxLength: number
}

export interface ToolSpecification {
  readonly description: string
  readonly argument?: ToolArgument
  readonly readOnly: boolean
}

export const TOOLS: Readonly<Record<MemoryToolName, ToolSpecification>> = {
  remember: {
    description:
      'Stores one fact about the user for later conversations, word for word. Call it when the user tells something lasting: a preference, a plan, a name. Do not store passwords or other secrets.',
    argument: {
      name: 'text',
      description: 'The fact, as one sentence that is understood without this conversation.',
      maxLength: 2000,
    },
    readOnly: false,
  },
  recall: {
    description:
      'Finds what is stored about the user that is nearest in meaning to a query. Call it before an answer that depends on the user.',
    argument: {
      name: 'query',
      description: 'What to look for, in words of its own.',
      maxLength: 1000,
    },
    readOnly: true,
  },
  forget: {
    description:
      'Deletes one stored memory of the user for good. Call it only when the user asks for it or says that a memory is wrong.',
    argument: { name: 'id', description: 'The id of the memory, as recall or list gave it.', maxLength: 128 },
    readOnly: false,
  },
  list: {
    description: 'Lists what is stored about the user. Call it when the user asks what you know or remember.',
    readOnly: true,
  },
}

export const TOOL_NAMES = Object.keys(TOOLS) as readonly MemoryToolName[]

/** The definition of a tool, newly made: nothing that its reader changes is seen by another. */
export function definitionOf(name: MemoryToolName): MemoryToolDefinition {
  const { description, argument, readOnly } = TOOLS[name]
  return {
    name,
    description,
    inputSchema: {
      type: 'object',
      properties:
        argument === undefined
          ? {}
          : {
              [argument.name]: {
                type: 'string',
                description: `${argument.description} At most ${argument.maxLength} characters.`,
              },
            },
      required: argument === undefined ? [] : [argument.name],
      additionalProperties: false,
    },
    readOnly,
  }
}
