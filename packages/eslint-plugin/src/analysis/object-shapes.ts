import type { TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from './abstract-value.ts'
import { keyName, memberName } from './names.ts'
import { type Node, type SourceCode, unwrap, walk } from './syntax.ts'
import { assignedTo } from './variable-uses.ts'
import { type Variable, variableOf } from './variables.ts'

/** One thing an object is made of, in the order in which it is written. */
export type Entry =
  | {
      readonly kind: 'property'
      readonly key: string
      readonly value: Node
      readonly optional: boolean
      /** Known from a type alone: `value` is not what the property holds. */
      readonly opaque?: boolean
    }
  /** A spread or computed key that nothing is known about, except for keys it cannot have. */
  | { readonly kind: 'unknown'; readonly node: Node; readonly without?: readonly string[] }

/** What an expression is, where an object is expected. */
export type Shape =
  | { readonly kind: 'object'; readonly node: Node; readonly entries: readonly Entry[] }
  /** `undefined`, `null`, `false`: no object at all. */
  | { readonly kind: 'nothing'; readonly node: Node }
  /** A string, number or list where an object belongs. */
  | { readonly kind: 'primitive'; readonly node: Node }
  | { readonly kind: 'unknown'; readonly node: Node; readonly without?: readonly string[] }

export interface Shapes {
  /** Every shape an expression may take. */
  of(node: Node): readonly Shape[]
}

/** Says what shapes an expression takes that the code of the file says nothing about, such as by its type. */
export type ShapeLookup = (node: Node) => readonly Shape[]

/** Works out the shapes of objects in one file. */
export function createShapes(sourceCode: SourceCode, evaluator: Evaluator, lookUp?: ShapeLookup): Shapes {
  const active = new Set<Node>()
  let filled: ReadonlySet<string> | undefined

  function of(node: Node): readonly Shape[] {
    if (active.has(node)) return []
    active.add(node)
    try {
      const shapes = evaluate(unwrap(node))
      if (!lookUp) return shapes
      return shapes.flatMap((shape) =>
        shape.kind === 'unknown' && !shape.without ? lookUp(shape.node) : [shape],
      )
    } finally {
      active.delete(node)
    }
  }

  function evaluate(node: Node): readonly Shape[] {
    switch (node.type) {
      case 'ObjectExpression':
        return [{ kind: 'object', node, entries: entriesOf(node) }]
      case 'ConditionalExpression':
        return [...of(node.consequent), ...of(node.alternate)]
      case 'LogicalExpression':
        return node.operator === '&&'
          ? [{ kind: 'nothing', node }, ...of(node.right)]
          : [...of(node.left).filter((shape) => shape.kind !== 'nothing'), ...of(node.right)]
      case 'AssignmentExpression':
        return of(node.right)
      case 'SequenceExpression':
        return of(node.expressions.at(-1) as Node)
      case 'Literal':
        return [{ kind: node.value === null || node.value === false ? 'nothing' : 'primitive', node }]
      case 'TemplateLiteral':
      case 'ArrayExpression':
        return [{ kind: 'primitive', node }]
      case 'UnaryExpression':
        return [{ kind: node.operator === 'void' ? 'nothing' : 'primitive', node }]
      case 'Identifier':
        return ofIdentifier(node)
      case 'CallExpression':
        return ofCall(node)
      default: {
        const objects = evaluator.objectsOf(node)
        if (objects.length === 0 || isFilledElsewhere(node)) return [{ kind: 'unknown', node }]
        return objects.flatMap(of)
      }
    }
  }

  /** Whether the file writes to a property of what a field holds: `this.filters.user_id = userId`. */
  function isFilledElsewhere(node: Node): boolean {
    if (node.type !== 'MemberExpression') return false
    const field = memberName(sourceCode, node)
    return field !== undefined && filledFields().has(field)
  }

  function filledFields(): ReadonlySet<string> {
    if (filled) return filled
    const fields = (filled = new Set<string>())
    walk(sourceCode, sourceCode.ast, (node) => {
      if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression') return
      const holder = unwrap(node.left.object)
      const field = holder.type === 'MemberExpression' ? memberName(sourceCode, holder) : undefined
      if (field !== undefined) fields.add(field)
    })
    return fields
  }

  function entriesOf(node: TSESTree.ObjectExpression): Entry[] {
    return node.properties.flatMap((property): readonly Entry[] => {
      if (property.type === 'SpreadElement') return spread(of(property.argument), property)
      const key = keyName(sourceCode, property)
      return key === undefined
        ? [{ kind: 'unknown', node: property }]
        : [{ kind: 'property', key, value: property.value, optional: false }]
    })
  }

  function spread(shapes: readonly Shape[], node: Node): readonly Entry[] {
    const optional = shapes.length > 1
    return shapes.flatMap((shape): readonly Entry[] => {
      if (shape.kind === 'unknown') return [{ ...shape, node }]
      if (shape.kind !== 'object') return []
      return shape.entries.map((entry) =>
        entry.kind === 'property' && optional ? { ...entry, optional } : entry,
      )
    })
  }

  function ofIdentifier(node: TSESTree.Identifier): readonly Shape[] {
    if (node.name === 'undefined') return [{ kind: 'nothing', node }]
    const variable = variableOf(sourceCode, node)
    const definition = variable?.defs[0]
    if (!variable || !definition) return [{ kind: 'unknown', node }]
    const rest = restOf(definition.name, node)
    if (rest) return [rest]
    if (definition.type !== 'Variable') {
      const passed = definition.type === 'Parameter' ? narrowType(definition.name) : undefined
      return [withWrites(passed ?? { kind: 'unknown', node }, variable)]
    }
    const { id, init } = definition.node
    if (id.type !== 'Identifier') return [{ kind: 'unknown', node }]
    const sources = [...(init ? [init] : []), ...assignedTo(variable)]
    if (sources.length === 0)
      return [{ kind: init === null && definition.parent.kind !== 'const' ? 'nothing' : 'unknown', node }]
    return sources.flatMap((source) => of(source)).map((shape) => withWrites(shape, variable))
  }

  /** `{ userId, ...rest }`: what is left in `rest` has none of the names taken out. */
  function restOf(name: Node, node: Node): Shape | undefined {
    const pattern = name.parent?.type === 'RestElement' ? name.parent.parent : undefined
    if (pattern?.type !== 'ObjectPattern') return undefined
    const without = pattern.properties.flatMap((property) => {
      const key = property.type === 'Property' ? keyName(sourceCode, property) : undefined
      return key === undefined ? [] : [key]
    })
    return { kind: 'unknown', node, without }
  }

  /** A parameter whose type is written out as a literal has those keys and no others. */
  function narrowType(name: Node): Shape | undefined {
    const annotation = (name as TSESTree.Identifier).typeAnnotation?.typeAnnotation
    if (annotation?.type !== 'TSTypeLiteral') return undefined
    const entries = annotation.members.map((member): Entry => {
      const key = member.type === 'TSPropertySignature' ? keyName(sourceCode, member) : undefined
      return key === undefined
        ? { kind: 'unknown', node: member }
        : {
            kind: 'property',
            key,
            value: member,
            opaque: true,
            optional: (member as TSESTree.TSPropertySignature).optional,
          }
    })
    return { kind: 'object', node: name, entries }
  }

  /** Adds `x.key = value`, `x.a.b = value` and `Object.assign(x, …)` to the shape of `x`. */
  function withWrites(shape: Shape, variable: Variable): Shape {
    const added = variable.references.flatMap(({ identifier }) => entriesWritten(identifier))
    if (added.length === 0) return shape
    if (shape.kind === 'object') return { ...shape, entries: [...shape.entries, ...added] }
    return shape.kind === 'unknown'
      ? { kind: 'object', node: shape.node, entries: [{ kind: 'unknown', node: shape.node }, ...added] }
      : shape
  }

  /** What code adds to an object where it mentions it. */
  function entriesWritten(mention: Node): readonly Entry[] {
    const use = mention.parent
    if (use?.type === 'CallExpression' && use.arguments[0] === mention && isObjectAssign(use))
      return use.arguments.slice(1).flatMap((source) => spread(of(source), source))
    if (use?.type !== 'MemberExpression' || use.object !== mention) return []
    const key = memberName(sourceCode, use)
    const outer = use.parent
    if (outer.type === 'AssignmentExpression' && outer.left === use)
      return [
        key === undefined
          ? { kind: 'unknown', node: outer }
          : { kind: 'property', key, value: outer.right, optional: false },
      ]
    if (outer.type !== 'MemberExpression' || outer.object !== use) return []
    const assignment = outer.parent
    const inner = memberName(sourceCode, outer)
    return assignment.type === 'AssignmentExpression' && assignment.left === outer && key && inner
      ? [{ kind: 'property', key: `${key}.${inner}`, value: assignment.right, optional: false }]
      : []
  }

  function ofCall(node: TSESTree.CallExpression): readonly Shape[] {
    if (isObjectAssign(node)) {
      const entries = node.arguments.flatMap((argument) =>
        argument.type === 'SpreadElement'
          ? [{ kind: 'unknown' as const, node: argument }]
          : spread(of(argument), argument),
      )
      return [{ kind: 'object', node, entries }]
    }
    const callee = unwrap(node.callee)
    const first = node.arguments[0]
    if (callee.type === 'MemberExpression' && memberName(sourceCode, callee) === 'freeze' && first)
      return of(first)
    const results = evaluator.returnedBy(callee)
    return results.length > 0 ? results.flatMap(of) : [{ kind: 'unknown', node }]
  }

  function isObjectAssign(node: TSESTree.CallExpression): boolean {
    const callee = unwrap(node.callee)
    return (
      callee.type === 'MemberExpression' &&
      callee.object.type === 'Identifier' &&
      callee.object.name === 'Object' &&
      memberName(sourceCode, callee) === 'assign'
    )
  }

  return { of }
}
