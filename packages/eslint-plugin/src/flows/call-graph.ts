import type { TSESTree } from '@typescript-eslint/utils'
import type { Declaration, Node as CompilerNode, Signature, Symbol as TypeSymbol, Type } from 'typescript'
import { keyName } from '../analysis/names.ts'
import {
  type ClassNode,
  type FunctionNode,
  isClass,
  isFunction,
  type Node,
  unwrap,
} from '../analysis/syntax.ts'
import { filesLeadingTo } from '../clients/client-imports.ts'
import { mayImplement } from './declared-members.ts'
import { initOf, variableOf } from '../analysis/variables.ts'
import {
  type Call,
  collectionIn,
  elementOf,
  type FileIndex,
  identifierIn,
  indexOf,
  resultOf,
} from './file-index.ts'
import {
  boundAround,
  calleeName,
  collectionAround,
  functionIn,
  hasBody,
  holderOf,
  isConstructor,
  isDefault,
  nameIn,
  nameOf,
  namedBy,
  returnerOf,
} from './function-names.ts'
import { paramsOf } from './parameters.ts'
import { type Place, placeOf, type ProgramFile, type ProgramFiles } from './program-files.ts'

/** Which calls of a program run which of its functions, worked out from either end when it is asked for. */
export interface CallGraph {
  /** The calls that may run a function: directly, by another name, through an interface or a base class. */
  callsOf(fn: Place<FunctionNode>): readonly Place<Call>[]
  /** The places that hand a function over without calling it, such as to a router. */
  handedAt(fn: Place<FunctionNode>): readonly Place[]
  /** The functions of the project that a call may run. */
  calledBy(call: Place<Call>): readonly Place<FunctionNode>[]
  /** The class of the project that an expression, or the type of one, names. */
  classOf(place: Place): Place<ClassNode> | undefined
  /** The functions of the project that an expression names. */
  functionsAt(place: Place): readonly Place<FunctionNode>[]
  /** Where what an identifier or the name of a member stands for is declared in the project. */
  declared(place: Place): readonly Place[]
}

/** A function as a class or an object has it. */
interface Member {
  readonly key: { readonly key: Node; readonly computed: boolean }
  readonly holder: ClassNode | TSESTree.ObjectExpression
}

/** What code reads a function from, or calls in its place, by the name that its calls go by. */
interface Holder {
  readonly name: string
  readonly node: Node
}

/** How many calls of one function are looked at. */
const most = 200
/** How many functions one call is taken to run. */
const mostRun = 8
const alias = 2097152
const optional = 16777216

export function createCallGraph(files: ProgramFiles): CallGraph {
  const checker = files.program.getTypeChecker()
  const calls = new Map<Node, readonly Place<Call>[]>()
  const declarations = new Map<Node, ReadonlySet<CompilerNode>>()
  const implementations = new Map<CompilerNode, readonly Place<FunctionNode>[]>()
  const reaches = new Map<string, ReadonlySet<string> | undefined>()
  return { callsOf, handedAt, calledBy, classOf, functionsAt, declared }

  function callsOf(fn: Place<FunctionNode>): readonly Place<Call>[] {
    const known = calls.get(fn.node)
    if (known) return known
    const found: Place<Call>[] = []
    calls.set(fn.node, found)
    const own = declarationsOf(fn)
    const holders = holdersOf(fn)
    const names = [...reachedNamesOf(fn), ...holders.map(({ name }) => name)]
    for (const { file, named } of mentionsOf(fn, names, ({ calls: byName }) => byName)) {
      if (found.length >= most) break
      const call = { file, node: named }
      if (isCallOf(call, own, fn) || isCallThrough(call, holders)) found.push(call)
    }
    return found
  }

  function handedAt(fn: Place<FunctionNode>): readonly Place[] {
    const own = declarationsOf(fn)
    return mentionsOf(fn, namesOf(fn), ({ handed }) => handed).flatMap(({ file, named }) =>
      symbolDeclarations({ file, node: nameIn(named) }).some((declaration) => own.has(declaration))
        ? [{ file, node: named }]
        : [],
    )
  }

  /** What an index has under each name that a function goes by, in every file. */
  function mentionsOf<N extends Node>(
    fn: Place<FunctionNode>,
    by: readonly string[],
    part: (index: FileIndex) => ReadonlyMap<string, readonly N[]>,
  ): { readonly file: ProgramFile; readonly named: N }[] {
    const found: { file: ProgramFile; named: N }[] = []
    const names = new Set(by)
    const within = reachOf(fn)
    for (const name of names) {
      if (names.size > 12) break
      for (const file of files.naming(identifierIn(name), { within })) {
        const index = indexOf(file.sourceCode)
        for (const other of index.renames.get(name) ?? []) names.add(other)
        for (const named of part(index).get(name) ?? []) found.push({ file, named })
      }
    }
    return found
  }

  /** The files whose imports lead to where a function, or what it implements, is declared; all where it is not known. */
  function reachOf(fn: Place<FunctionNode>): ReadonlySet<string> | undefined {
    const declared = new Set([...declarationsOf(fn)].map((node) => node.getSourceFile().fileName))
    let union: ReadonlySet<string> | undefined
    for (const name of declared) {
      if (!reaches.has(name)) reaches.set(name, filesLeadingTo(files.program, name))
      const reach = reaches.get(name)
      if (!reach) return undefined
      union = union ? new Set([...union, ...reach]) : reach
    }
    return union
  }

  function isCallOf(call: Place<Call>, own: ReadonlySet<CompilerNode>, fn: Place<FunctionNode>): boolean {
    const bySymbol = symbolDeclarations({ file: call.file, node: calleeName(call.node) })
    if (bySymbol.some((declaration) => own.has(declaration))) return true
    const signed = signatureOf(call)?.declaration
    if (signed && own.has(signed)) return true
    return bySymbol.some((declaration) => isFitting(declaration, fn))
  }

  /** The collections that a function is an element of, and the constants that hold it wrapped. */
  function holdersOf(fn: Place<FunctionNode>): Holder[] {
    return [fn, ...handedAt(fn)].flatMap(({ file, node }) => {
      const value = boundAround(node)
      const collection = collectionAround(value, file)
      if (collection) return declaredHolders(collection, elementOf)
      const constant = value === fn.node ? undefined : constantAround({ file, node: value }, fn)
      return constant ? [constant] : []
    })
  }

  function declaredHolders(place: Place, spelled: (name: string) => string): Holder[] {
    const { node } = place
    const isDeclaration = node.type === 'VariableDeclarator' || node.type === 'PropertyDefinition'
    return (isDeclaration ? [place] : declared(place)).flatMap(({ file, node: declaration }) => {
      const name = nameOf(declaration, file)
      return name === undefined ? [] : [{ name: spelled(name), node: declaration }]
    })
  }

  /** `const search = cached(searchMemories)`, which takes what the function takes. */
  function constantAround({ file, node }: Place, fn: Place<FunctionNode>): Holder | undefined {
    const call = node.parent
    const constant = call?.parent
    if (call?.type !== 'CallExpression' || constant?.type !== 'VariableDeclarator') return undefined
    if (constant.id.type !== 'Identifier') return undefined
    const isCallable = (one: Node): boolean =>
      file.services.getTypeAtLocation(one).getCallSignatures().length > 0
    if (call.arguments.some((argument) => argument !== node && isCallable(argument))) return undefined
    const [taken] = file.services.getTypeAtLocation(constant.id).getCallSignatures()
    return taken?.parameters.length === paramsOf(fn.node).length
      ? { name: constant.id.name, node: constant }
      : undefined
  }

  function isCallThrough({ file, node }: Place<Call>, holders: readonly Holder[]): boolean {
    if (holders.length === 0 || node.type === 'JSXOpeningElement') return false
    const callee = unwrap(node.callee)
    const variable = callee.type === 'Identifier' ? variableOf(file.sourceCode, callee) : undefined
    const collection = collectionIn((variable && initOf(variable)) ?? callee, file.sourceCode)
    return declared({ file, node: collection ? unwrap(collection) : callee }).some((place) =>
      holders.some((holder) => holder.node === place.node),
    )
  }

  function calledBy(call: Place<Call>): readonly Place<FunctionNode>[] {
    const found = new Map<Node, Place<FunctionNode>>()
    const signed = signatureOf(call)?.declaration
    const at = [
      ...symbolDeclarations({ file: call.file, node: calleeName(call.node) }),
      ...(signed ? [signed] : []),
    ]
    for (const declaration of new Set<CompilerNode>(at)) {
      const place = placeOf(declaration, files)
      if (!place) continue
      const fn = functionIn(place.node)
      if (fn) found.set(fn, { file: place.file, node: fn })
      else for (const one of implementationsOf(declaration, place)) found.set(one.node, one)
    }
    return [...found.values()].slice(0, mostRun)
  }

  /** The methods that stand for one that is only declared. */
  function implementationsOf(declaration: CompilerNode, place: Place): readonly Place<FunctionNode>[] {
    const known = implementations.get(declaration)
    if (known) return known
    const found: Place<FunctionNode>[] = []
    implementations.set(declaration, found)
    const { file, node } = place
    const name =
      'key' in node ? keyName(file.sourceCode, node as { key: Node; computed: boolean }) : undefined
    if (name === undefined) return found
    const required = requiredBeside(place)
    const candidates = files.naming(name, { takes: (one) => mayImplement(one, name, required) })
    for (const other of candidates)
      for (const fn of indexOf(other.sourceCode).methods.get(name) ?? []) {
        const one = { file: other, node: fn }
        if (found.length >= mostRun) return found
        if (!hasBody(fn)) continue
        if (declarationsOf(one).has(declaration) || isFitting(declaration, one)) found.push(one)
      }
    return found
  }

  /** The members that whatever has the type of an interface must have beside one of them. */
  function requiredBeside({ file, node }: Place): readonly string[] {
    const owner = node.parent?.parent
    if (owner?.type !== 'TSInterfaceDeclaration') return []
    const members = checker.getPropertiesOfType(file.services.getTypeAtLocation(owner.id))
    return members.flatMap((member) => (member.flags & optional ? [] : [member.name]))
  }

  /** Whether a declared member is one that the object or class around a function has, though it does not say so. */
  function isFitting(declaration: CompilerNode, fn: Place<FunctionNode>): boolean {
    const holder = holderOf(fn.node)
    const place = holder && placeOf(declaration, files)
    if (!place || (place.node.type !== 'TSMethodSignature' && place.node.type !== 'TSPropertySignature'))
      return false
    const { parent } = place.node
    const owner = parent.type === 'TSInterfaceBody' ? parent.parent.id : parent
    const wanted = place.file.services.getTypeAtLocation(owner)
    const given = typeOfHolder({ file: fn.file, node: holder })
    const { isTypeAssignableTo } = checker as { isTypeAssignableTo?: (from: Type, to: Type) => boolean }
    return (
      given !== undefined &&
      isTypeAssignableTo !== undefined &&
      isTypeAssignableTo.call(checker, given, wanted)
    )
  }

  /** Every declaration by which calls may name a function: its own, and those of what it implements or overrides. */
  function declarationsOf(fn: Place<FunctionNode>): ReadonlySet<CompilerNode> {
    const known = declarations.get(fn.node)
    if (known) return known
    const found = new Set<CompilerNode>()
    declarations.set(fn.node, found)
    const { file, node } = fn
    const named = namedBy(node)
    for (const own of [node, named, isConstructor(named) ? named.parent.parent : undefined]) {
      const compiled = own && file.services.esTreeNodeToTSNodeMap.get(own)
      if (compiled) found.add(compiled)
    }
    for (const { key, holder } of membersFor(fn, named)) {
      const name = keyName(file.sourceCode, key)
      if (name === undefined) continue
      for (const type of declaredTypesOf({ file, node: holder }))
        for (const declaration of checker.getPropertyOfType(type, name)?.declarations ?? [])
          found.add(declaration)
    }
    return found
  }

  /** The members of classes and objects of its file that a function is: `{ search }` as well. */
  function membersFor({ file, node }: Place<FunctionNode>, named: Node | undefined): Member[] {
    const members: Member[] = []
    const holder = holderOf(node)
    if (holder) members.push({ key: named as Member['key'], holder })
    const name = named && nameOf(named, file)
    const own = node.type === 'FunctionDeclaration' || named?.type === 'VariableDeclarator'
    for (const mention of own && name !== undefined
      ? (indexOf(file.sourceCode).handed.get(name) ?? [])
      : []) {
      const { parent } = mention
      if (
        mention.type === 'Identifier' &&
        parent?.type === 'Property' &&
        parent.parent.type === 'ObjectExpression'
      )
        members.push({ key: parent, holder: parent.parent })
    }
    return members
  }

  /** The types that a class or an object is said to have. */
  function declaredTypesOf({ file, node }: Place): readonly Type[] {
    if (!isClass(node)) {
      const compiled = file.services.esTreeNodeToTSNodeMap.get(node)
      const type = checker.getContextualType(compiled as never)
      return type ? (type.isUnion() ? type.types : [type]) : []
    }
    const types = node.implements.map(({ expression }) => file.services.getTypeAtLocation(expression))
    const bases = typeOfHolder({ file, node })?.getBaseTypes?.() ?? []
    const above = bases.flatMap((base) => {
      const declaration = base.symbol?.declarations?.[0]
      const place = declaration && placeOf(declaration, files)
      return place && isClass(place.node) ? declaredTypesOf(place) : []
    })
    return [...types, ...bases, ...above]
  }

  function typeOfHolder({ file, node }: Place): Type | undefined {
    if (!isClass(node)) return file.services.getTypeAtLocation(node)
    const symbol = node.id ? file.services.getSymbolAtLocation(node.id) : undefined
    return symbol && checker.getDeclaredTypeOfSymbol(symbol)
  }

  function signatureOf({ file, node }: Place<Call>): Signature | undefined {
    const compiled = file.services.esTreeNodeToTSNodeMap.get(node)
    return checker.getResolvedSignature(compiled)
  }

  function symbolDeclarations({ file, node }: Place): readonly Declaration[] {
    return resolved(file.services.getSymbolAtLocation(node))?.declarations ?? []
  }

  function resolved(symbol: TypeSymbol | undefined): TypeSymbol | undefined {
    return symbol && symbol.flags & alias ? checker.getAliasedSymbol(symbol) : symbol
  }

  function declared(place: Place): readonly Place[] {
    return symbolDeclarations({ file: place.file, node: nameIn(place.node) }).flatMap(
      (declaration) => placeOf(declaration, files) ?? [],
    )
  }

  function functionsAt(place: Place): readonly Place<FunctionNode>[] {
    const inner = unwrap(place.node)
    if (isFunction(inner)) return [{ file: place.file, node: inner }]
    if (inner.type !== 'Identifier' && inner.type !== 'MemberExpression') return []
    return declared({ file: place.file, node: inner }).flatMap(({ file, node }) => {
      const fn = functionIn(node)
      return fn ? [{ file, node: fn }] : []
    })
  }

  function classOf(place: Place): Place<ClassNode> | undefined {
    for (const { file, node } of declared(place)) if (isClass(node)) return { file, node }
    const symbol = place.file.services.getTypeAtLocation(place.node).getSymbol()
    for (const declaration of symbol?.declarations ?? []) {
      const found = placeOf(declaration, files)
      if (found && isClass(found.node)) return { file: found.file, node: found.node }
    }
    return undefined
  }

  /** The names by which code reaches a function, those of functions that return it among them. */
  function reachedNamesOf(fn: Place<FunctionNode>): string[] {
    const outer = returnerOf(fn.node)
    return outer ? reachedNamesOf({ file: fn.file, node: outer }).map(resultOf) : namesOf(fn)
  }

  /** The names by which code calls a function. */
  function namesOf({ file, node }: Place<FunctionNode>): string[] {
    const named = namedBy(node)
    if (!named) return []
    if (isConstructor(named)) {
      const owner = named.parent.parent
      return [...(owner.id ? [owner.id.name] : []), ...(isDefault(owner) ? ['default'] : [])]
    }
    const names = isDefault(named) ? ['default'] : []
    const name = nameOf(named, file)
    return name === undefined ? names : [name, ...names]
  }
}
