/**
 * The part of a value that is meant: property names from the value inwards, `*` for an element of a list, and calls that
 * read a key, such as `get('id')`, as they are written. An empty path is the value itself.
 */
export type Path = readonly string[]

/** An element of a list, whichever. */
export const element = '*'
