import type { ToolResult } from '../../src/tools/index.ts'

export interface QuotedMemory {
  readonly id: string
  readonly text: string
  readonly cut?: true
  readonly createdAt?: string
}

/** The memories that a tool result quotes, as its reader understands them. */
export function quotedMemories({ text }: ToolResult): QuotedMemory[] {
  const between = /<memories>\n([^]*)\n<\/memories>/.exec(text)?.[1]
  return JSON.parse(between!) as QuotedMemory[]
}
