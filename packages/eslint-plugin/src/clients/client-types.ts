import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import type { SourceFile, Symbol as TypeSymbol, Type } from 'typescript'
import { literalString, type Node, type SourceCode } from '../analysis/syntax.ts'
import type { Value } from '../analysis/abstract-value.ts'
import type { Oracle } from '../analysis/evaluate.ts'
import type { Entry, Shape, ShapeOracle } from '../analysis/object-shapes.ts'
import { type ClientDescription, packageOf } from './mem0.ts'

// Written against the shape of TypeScript's objects, so that the plugin never loads a compiler of its own.

/** The type services of a file; an error that says how to set them up when there are none. */
export function typeServices(rule: string, sourceCode: SourceCode): ParserServicesWithTypeInformation {
  const services = sourceCode.parserServices
  if (services?.program) return services as ParserServicesWithTypeInformation
  throw new Error(
    `scoped-memory/${rule} needs type information, and the parser gave none for this file. ` +
      `Set languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } } for the files it runs on ` +
      `(typescript-eslint needs TypeScript below 6.1 for that; TypeScript 7 can stand beside it), ` +
      `or use the preset "recommended" or "strict", which need no types.`,
  )
}

/** The file being linted, as the compiler knows it. */
export const fileOf = (services: ParserServicesWithTypeInformation, sourceCode: SourceCode): SourceFile =>
  services.esTreeNodeToTSNodeMap.get(sourceCode.ast)

/** Recognises a client by where the member that is read was declared. */
export function typeOracle(
  services: ParserServicesWithTypeInformation,
  clients: readonly ClientDescription[],
): Oracle {
  const declared = new Map<TypeSymbol, readonly Value[]>()

  function ofMember(member: TypeSymbol): readonly Value[] {
    const known = declared.get(member)
    if (known) return known
    const values = (member.declarations ?? []).flatMap((declaration): readonly Value[] => {
      const owner = declaration.parent as { name?: { text?: string } } | undefined
      const name = owner?.name?.text
      if (name === undefined) return []
      const client = clients.find(
        (candidate) =>
          candidate.classes.includes(name) &&
          candidate.modules.some((module) => isDeclaredIn(module, declaration, clients)),
      )
      const module = client?.modules[0]
      return module === undefined ? [] : [{ kind: 'instance', of: { kind: 'export', module, path: [name] } }]
    })
    declared.set(member, values)
    return values
  }

  function ofType(type: Type, name: string): readonly Value[] {
    if (type.isUnion()) return type.types.flatMap((part) => ofType(part, name))
    const member = services.program.getTypeChecker().getPropertyOfType(apparent(type), name)
    return member ? ofMember(member) : []
  }

  const apparent = (type: Type): Type => services.program.getTypeChecker().getApparentType(type)

  return (receiver, name) => ofType(services.getTypeAtLocation(receiver), name)
}

function isDeclaredIn(
  module: string,
  declaration: { getSourceFile(): SourceFile; parent?: unknown },
  clients: readonly ClientDescription[],
): boolean {
  const ambient = ambientModule(declaration)
  if (ambient !== undefined) return ambient === module
  const { fileName } = declaration.getSourceFile()
  const name = packageOf(module)
  const folder = `/node_modules/${name}/`
  const at = fileName.lastIndexOf(folder)
  if (at < 0) return false
  const inside = `/${fileName.slice(at + folder.length)}`
  const holds = (subpath: string): boolean =>
    inside.includes(`/${subpath}/`) || inside.includes(`/${subpath}.`)
  const subpath = module.slice(name.length + 1)
  if (subpath) return holds(subpath)
  const others = clients
    .flatMap((client) => client.modules)
    .filter((other) => other.startsWith(`${name}/`))
    .map((other) => other.slice(name.length + 1))
  return !others.some(holds)
}

/** The name in `declare module 'x' { … }` around a declaration. */
function ambientModule(declaration: { parent?: unknown }): string | undefined {
  interface Parented {
    parent?: Parented
    body?: unknown
    name?: { text?: string }
    statements?: unknown
  }
  let inner: Parented | undefined
  for (let node = declaration.parent as Parented | undefined; node; node = node.parent) {
    if (inner?.statements && node.body === inner && node.name?.text !== undefined) return node.name.text
    inner = node
  }
  return undefined
}

/** The keys an expression's type says it has. */
export function typeShapes(services: ParserServicesWithTypeInformation): ShapeOracle {
  const anyOrUnknown = 3
  const checker = services.program.getTypeChecker()

  function ofType(type: Type, node: Node): readonly Shape[] {
    if (type.isUnion()) return type.types.flatMap((part) => ofType(part, node))
    if (type.flags & anyOrUnknown) return [{ kind: 'unknown', node }]
    const intrinsic = (type as { intrinsicName?: string }).intrinsicName
    if (intrinsic === 'undefined' || intrinsic === 'null' || intrinsic === 'false')
      return [{ kind: 'nothing', node }]
    if (intrinsic !== undefined || type.isStringLiteral() || type.isNumberLiteral())
      return [{ kind: intrinsic === 'object' || intrinsic === 'never' ? 'unknown' : 'primitive', node }]
    const members = checker.getPropertiesOfType(type)
    const open = members.length === 0 || checker.getIndexInfosOfType(type).length > 0
    if (open || type.isTypeParameter()) return [{ kind: 'unknown', node }]
    const entries = members.map((member): Entry => {
      const optional = (member.flags & 16777216) !== 0
      return { kind: 'property', key: member.name, value: node, optional, opaque: true }
    })
    return [{ kind: 'object', node, entries }]
  }

  return (node) => {
    if (literalString(node) !== undefined) return []
    return ofType(services.getTypeAtLocation(node), node)
  }
}
