import type { Node as CompilerNode, SourceFile } from 'typescript'

/** The members that a class or an object literal is written with. */
interface Holder {
  readonly names: ReadonlySet<string>
  /** Whether it may have more: it extends a class, spreads an object or computes a name. */
  readonly isOpen: boolean
}

/** What classes, objects and their members have in the compiler's tree, whose kinds have other numbers in each version. */
interface Parts {
  readonly members?: readonly CompilerNode[]
  readonly properties?: readonly CompilerNode[]
  readonly heritageClauses?: readonly CompilerNode[]
  readonly parameters?: readonly (CompilerNode & Parts)[]
  readonly name?: { readonly text?: string }
}

const known = new WeakMap<SourceFile, readonly Holder[]>()

/**
 * Whether a class or an object of a file may stand for an interface: it has the member that is called, and the others
 * that the interface requires. Read from the compiler's tree, so that most files are never parsed.
 */
export function mayImplement(file: SourceFile, name: string, required: readonly string[]): boolean {
  const holders = known.get(file) ?? holdersIn(file)
  known.set(file, holders)
  return holders.some(
    ({ names, isOpen }) => names.has(name) && (isOpen || required.every((other) => names.has(other))),
  )
}

function holdersIn(file: SourceFile): Holder[] {
  const holders: Holder[] = []
  const pending: CompilerNode[] = [file]
  for (let node = pending.pop(); node; node = pending.pop()) {
    const { members, properties, heritageClauses } = node as CompilerNode & Parts
    const entries = members ?? properties
    if (Array.isArray(entries) && entries.length > 0)
      holders.push(holderOf(entries, extendsClass(heritageClauses, file)))
    node.forEachChild((child) => void pending.push(child))
  }
  return holders
}

function extendsClass(heritage: Parts['heritageClauses'], file: SourceFile): boolean {
  return heritage?.some((clause) => clause.getText(file).startsWith('extends')) ?? false
}

function holderOf(entries: readonly (CompilerNode & Parts)[], isExtended: boolean): Holder {
  const names = new Set<string>()
  let isOpen = isExtended
  for (const { name, parameters } of entries) {
    if (name?.text !== undefined) names.add(name.text)
    // A constructor, whose parameters may be properties.
    else if (!name && parameters) for (const parameter of parameters) names.add(parameter.name?.text ?? '')
    else isOpen = true
  }
  return { names, isOpen }
}
