import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import type { SourceFile, Symbol as TypeSymbol, Type } from 'typescript'
import type { AbstractValues } from '../analysis/abstract-value.ts'
import type { ReceiverLookup } from '../analysis/evaluation.ts'
import { type ClientDescription, markOf, matchClass, packageOf } from './client-description.ts'

/** Recognises a client by where the member that is read was declared. */
export function lookUpClients(
  services: ParserServicesWithTypeInformation,
  clients: readonly ClientDescription[],
): ReceiverLookup {
  const declared = new Map<TypeSymbol, AbstractValues>()

  function ofMember(member: TypeSymbol): AbstractValues {
    const known = declared.get(member)
    if (known) return known
    const values = (member.declarations ?? []).flatMap((declaration): AbstractValues => {
      const owner = declaration.parent as { name?: { text?: string } } | undefined
      const name = owner?.name?.text
      if (name === undefined) return []
      const client = clients.find(
        (candidate) =>
          declares(candidate, name) &&
          candidate.modules.some((module) => isDeclaredIn(module, declaration, clients)),
      )
      const module = client?.modules[0]
      return module === undefined ? [] : [{ kind: 'instance', of: { kind: 'export', module, path: [name] } }]
    })
    declared.set(member, values)
    return values
  }

  function ofType(type: Type, name: string, surely = false): AbstractValues {
    if (type.isUnion()) {
      const parts = type.types.filter(isPresent).map((part) => ofType(part, name))
      return surely && parts.some((values) => values.length === 0) ? [] : parts.flat()
    }
    const member = services.program.getTypeChecker().getPropertyOfType(apparent(type), name)
    return member ? ofMember(member) : []
  }

  const apparent = (type: Type): Type => services.program.getTypeChecker().getApparentType(type)

  return (receiver, name, surely) => ofType(services.getTypeAtLocation(receiver), name, surely)
}

function isPresent(type: Type): boolean {
  const { intrinsicName } = type as { intrinsicName?: string }
  return intrinsicName !== 'undefined' && intrinsicName !== 'null'
}

/** Whether a class is one of a client or of its parts. */
const declares = ({ classes, parts = {} }: ClientDescription, name: string): boolean =>
  classes.includes(name) ||
  Object.entries(parts).some(([part, { classes: own = [part] }]) =>
    own.some((pattern) => matchClass(pattern, name) !== undefined),
  )

function isDeclaredIn(
  module: string,
  declaration: { getSourceFile(): SourceFile; parent?: unknown },
  clients: readonly ClientDescription[],
): boolean {
  const ambient = ambientModule(declaration)
  if (ambient !== undefined) return ambient === module
  const { fileName } = declaration.getSourceFile()
  if (module.startsWith('*')) return fileName.includes(`${markOf(module)}/`)
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
