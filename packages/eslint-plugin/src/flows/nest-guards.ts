import { keyName, lastName } from '../analysis/names.ts'
import { type FunctionNode, isClass, isFunction, type Node, unwrap, walk } from '../analysis/syntax.ts'
import type { CallGraph } from './call-graph.ts'
import { indexOf } from './file-index.ts'
import type { Place, ProgramFiles } from './program-files.ts'

/** Finds the functions that NestJS runs before a method of a controller: guards, and middleware of its module. */
export function createNestGuards(
  files: ProgramFiles,
  graph: CallGraph,
): (fn: Place<FunctionNode>) => Place<FunctionNode>[] {
  let global: Place<FunctionNode>[] | undefined
  return guardsOf

  function guardsOf({ file, node }: Place<FunctionNode>): Place<FunctionNode>[] {
    const method = node.parent
    if (method.type !== 'MethodDefinition' || !isClass(method.parent.parent)) return []
    const owner = method.parent.parent
    const decorators = [...method.decorators, ...owner.decorators]
    if (decorators.length === 0) return []
    return [
      ...decorators.flatMap(({ expression }) => guardsIn({ file, node: expression }, 0)),
      ...globalGuards(),
      ...middlewareFor(owner.id?.name),
    ]
  }

  /** The guards that a decorator names, or one of the project that is put together of others. */
  function guardsIn({ file, node }: Place, depth: number): Place<FunctionNode>[] {
    if (node.type !== 'CallExpression' || depth > 3) return []
    const name = lastName(file.sourceCode, unwrap(node.callee))
    const method = name === 'UseGuards' ? 'canActivate' : name === 'UseInterceptors' ? 'intercept' : undefined
    if (method !== undefined)
      return node.arguments.flatMap((guard) => methodOf({ file, node: guard }, method))
    if (name === 'applyDecorators')
      return node.arguments.flatMap((argument) => guardsIn({ file, node: argument }, depth + 1))
    return graph.calledBy({ file, node }).flatMap((fn) => {
      const found: Place<FunctionNode>[] = []
      walk(fn.file.sourceCode, fn.node.body, (inner) => {
        if (inner.type !== 'CallExpression') return
        found.push(...guardsIn({ file: fn.file, node: inner }, depth + 2))
        return false
      })
      return found
    })
  }

  /** `APP_GUARD` and `app.useGlobalGuards(…)`: before every method. */
  function globalGuards(): readonly Place<FunctionNode>[] {
    return (global ??= [...providedGuards(), ...usedGuards()])
  }

  function providedGuards(): Place<FunctionNode>[] {
    return files.naming('APP_GUARD').flatMap((file) => {
      const found: Place<FunctionNode>[] = []
      walk(file.sourceCode, file.sourceCode.ast, (node) => {
        if (node.type !== 'ObjectExpression') return
        const entry = (name: string): Node | undefined => {
          for (const property of node.properties)
            if (property.type === 'Property' && keyName(file.sourceCode, property) === name)
              return property.value
          return undefined
        }
        const provided = entry('provide')
        const guard = entry('useClass') ?? entry('useExisting')
        if (guard && provided?.type === 'Identifier' && provided.name === 'APP_GUARD')
          found.push(...methodOf({ file, node: guard }, 'canActivate'))
      })
      return found
    })
  }

  function usedGuards(): Place<FunctionNode>[] {
    return files
      .naming('useGlobalGuards')
      .flatMap((file) =>
        (indexOf(file.sourceCode).calls.get('useGlobalGuards') ?? []).flatMap((call) =>
          call.type === 'CallExpression'
            ? call.arguments.flatMap((guard) => methodOf({ file, node: guard }, 'canActivate'))
            : [],
        ),
      )
  }

  /** `consumer.apply(OwnUser).forRoutes(MemoryController)`. */
  function middlewareFor(controller: string | undefined): Place<FunctionNode>[] {
    if (controller === undefined) return []
    return files.naming('forRoutes').flatMap((file) =>
      (indexOf(file.sourceCode).calls.get('forRoutes') ?? []).flatMap((call) => {
        if (call.type !== 'CallExpression' || call.callee.type !== 'MemberExpression') return []
        const routes = call.arguments.map((argument) => file.sourceCode.getText(argument))
        if (!routes.some((route) => route === controller || /^['"`]\/?\(?\.?\*/.test(route))) return []
        const applied = call.callee.object
        if (applied.type !== 'CallExpression' || lastName(file.sourceCode, applied.callee) !== 'apply')
          return []
        return applied.arguments.flatMap((one) => methodOf({ file, node: one }, 'use'))
      }),
    )
  }

  /** A method of the class that an expression names or makes. */
  function methodOf({ file, node }: Place, name: string): Place<FunctionNode>[] {
    const inner = unwrap(node)
    const named = inner.type === 'NewExpression' ? inner.callee : inner
    for (let owner = graph.classOf({ file, node: named }), depth = 0; owner && depth < 4; depth++) {
      for (const member of owner.node.body.body)
        if (
          member.type === 'MethodDefinition' &&
          isFunction(member.value) &&
          keyName(owner.file.sourceCode, member) === name
        )
          return [{ file: owner.file, node: member.value }]
      const base: Node | null = owner.node.superClass
      owner = base ? graph.classOf({ file: owner.file, node: base }) : undefined
    }
    return []
  }
}
