import type { FunctionNode } from '../analysis/syntax.ts'

/** The parameters that calls pass arguments for: without the type of `this`. */
export const paramsOf = ({ params }: FunctionNode): FunctionNode['params'] =>
  params[0]?.type === 'Identifier' && params[0].name === 'this' ? params.slice(1) : params
