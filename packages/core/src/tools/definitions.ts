/** The arguments of a tool as JSON Schema. */
export type ToolInputSchema = {
  type: 'object'
  properties: Record<string, { type: 'string'; description: string }>
  required: string[]
  additionalProperties: false
}

/** The tools that `memoryTools` provides. */
export type MemoryToolName = 'remember' | 'recall' | 'forget' | 'list'

/** A tool as it is described to a model, independent of any vendor's format. */
export interface MemoryToolDefinition {
  readonly name: MemoryToolName
  readonly description: string
  readonly inputSchema: ToolInputSchema
  /** Whether the tool only reads. */
  readonly readOnly: boolean
}

/** The argument of a tool, a text. No tool takes more than one, and none takes a user. */
interface ToolArgument {
  readonly name: string
  readonly description: string
  /** In characters (UTF-16 units). */
  readonly maxLength: number
}

interface ToolSpecification {
  readonly description: string
  readonly argument?: ToolArgument
  readonly readOnly: boolean
}

export const TOOLS: Readonly<Record<MemoryToolName, ToolSpecification>> = {
  remember: {
    description:
      'Stores one fact about the user for later conversations, word for word. Call it when the user says something of lasting value: a preference, a plan, a name. Do not store passwords or other secrets.',
    argument: {
      name: 'text',
      description: 'The fact, as one sentence that can be understood without this conversation.',
      maxLength: 2000,
    },
    readOnly: false,
  },
  recall: {
    description:
      'Finds the stored memories about the user that are closest in meaning to a query. Call it before you give an answer that depends on the user.',
    argument: {
      name: 'query',
      description: 'What to look for, in plain words.',
      maxLength: 1000,
    },
    readOnly: true,
  },
  forget: {
    description:
      'Deletes one stored memory of the user for good. Call it only when the user asks for it or says that a memory is wrong.',
    argument: {
      name: 'id',
      description: 'The id of the memory, as recall or list returned it.',
      maxLength: 128,
    },
    readOnly: false,
  },
  list: {
    description: 'Lists what is stored about the user. Call it when the user asks what you know or remember.',
    readOnly: true,
  },
}

export const TOOL_NAMES = Object.keys(TOOLS) as readonly MemoryToolName[]

/** A new definition of a tool, so that a caller who changes it changes it for no other. */
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
