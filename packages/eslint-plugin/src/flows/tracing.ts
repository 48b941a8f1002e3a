import type { ClassNode, FunctionNode, Node } from '../analysis/syntax.ts'
import type { CallGraph } from './call-graph.ts'
import type { Frame } from './frame.ts'
import type { Path } from './path.ts'
import type { Place, ProgramFile, ProgramFiles } from './program-files.ts'
import type { Way } from './way.ts'

/** Where a value enters the code that the caller of the service can choose. */
export interface Source {
  /** The part of the request: `req.body`. */
  readonly place: Place
  /** What of it is read. */
  readonly path: Path
  /** As a report spells it: `req.body.userId`. */
  readonly text: string
  /** The calls that are looked into at this place. */
  readonly frame: Frame | undefined
  /** The expression that is passed on by the code the value comes from. */
  readonly passed: Place
  readonly way: Way | undefined
}

export interface TracerOptions {
  readonly files: ProgramFiles
  readonly graph: CallGraph
  /** Whether the code before a mention of a value shows whose id it is. */
  readonly isVerified: (mention: Place, path: Path) => boolean
  readonly onSource: (source: Source) => void
  readonly onVerified?: () => void
  /** Whether to stay in the functions that the code around a value runs, and not to look who calls it. */
  readonly local?: boolean
}

/** Where a value is looked for. */
export interface Step {
  readonly file: ProgramFile
  readonly frame: Frame | undefined
  /** The expression that is passed on by the code the value comes from. */
  readonly passed: Place
  readonly way: Way | undefined
  /** What was looked at since the value was passed on. */
  readonly seen: Map<Node, Set<string>>
  readonly depth: number
}

/** What the parts of a tracer ask of each other. */
export interface Tracing {
  readonly files: ProgramFiles
  readonly graph: CallGraph
  readonly local: boolean
  /** Follows an expression, or a part of what it holds, within what one function passes to another. */
  readonly follow: (node: Node, path: Path, step: Step) => void
  /** Starts anew at what a call passes on. */
  readonly hop: (place: Place, path: Path, way: Way | undefined) => void
  /** Takes down that a value comes from here. */
  readonly found: (node: Node, path: Path, step: Step, text?: string) => void
  /** Whether the type of an expression leaves it open that it has a property. */
  readonly mayHave: (node: Node, key: string, file: ProgramFile) => boolean
  readonly ofField: (owner: Place<ClassNode>, name: string, path: Path, step: Step) => void
  readonly ofParameter: (name: Node, fn: FunctionNode, path: Path, step: Step) => void
  readonly ofDefault: (name: Node, path: Path, step: Step) => void
}

/** How many calls are looked into at once. */
export const mostFrames = 4
