// Imports run downhill: each package's layers, lowest first, as paths below its src. A file may import from its own layer
// and from those before it. Types count too.
const layers = {
  core: [
    ['errors.ts', 'types.ts', 'node-builtins.ts'],
    ['events.ts'],
    ['input/'],
    ['records/'],
    ['engines/'],
    ['settings.ts'],
    ['user-binding.ts'],
    ['operations/'],
    ['scoped-memory.ts'],
    ['batch/'],
    ['postgres/'],
    ['index.ts', 'embedded/', 'tools/', 'testing/'],
  ],
  middleware: [
    ['errors.ts', 'warnings.ts'],
    ['thrown.ts'],
    ['http/'],
    ['error-response.ts'],
    ['request-binding.ts', 'context.ts'],
    ['resolver.ts'],
    ['identity.ts', 'your-data/'],
    ['adapters/'],
  ],
  'eslint-plugin': [
    ['analysis/'],
    ['clients/'],
    ['rule-kit/'],
    ['user-id/'],
    ['handles/'],
    ['user-scope/'],
    ['flows/'],
    ['rules/'],
    ['presets.ts'],
    ['index.ts', 'bin/'],
  ],
}

const pathOf = (packageName, entries) =>
  `^packages/${packageName}/src/(${entries.map((entry) => entry.replace('.ts', '\\.ts$')).join('|')})`

const everyLayer = Object.entries(layers).map(([packageName, floors]) => pathOf(packageName, floors.flat()))

const uphill = Object.entries(layers).flatMap(([packageName, floors]) =>
  floors.slice(0, -1).map((floor, index) => ({
    name: `downhill: ${packageName}/${floor.join(', ')}`,
    severity: 'error',
    from: { path: pathOf(packageName, floor) },
    to: { path: pathOf(packageName, floors.slice(index + 1).flat()) },
  })),
)

export default {
  forbidden: [
    ...uphill,
    {
      name: 'every source file is in a layer',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: everyLayer },
      to: {},
    },
    { name: 'no circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'adapters know nothing of one another',
      severity: 'error',
      from: { path: '^packages/middleware/src/adapters/([^/]+)$' },
      to: { path: '^packages/middleware/src/adapters/', pathNot: '/$1$' },
    },
    {
      name: 'the subpaths of core know nothing of one another',
      severity: 'error',
      from: { path: '^packages/core/src/(embedded|tools|testing)/' },
      to: { path: '^packages/core/src/(embedded|tools|testing|index)', pathNot: '^packages/core/src/$1/' },
    },
    {
      name: 'the main entry of core imports nothing of Node statically',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: '^packages/core/src/(postgres|embedded|tools|testing)/' },
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the plugin takes types only from the compiler and the parser',
      severity: 'error',
      from: { path: '^packages/eslint-plugin/src/' },
      to: { path: 'node_modules/(typescript|@typescript-eslint)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sources import no tests',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { path: '^(test|packages/[^/]+/test)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@scoped-memory/source', 'types', 'import', 'node', 'default'],
    },
  },
}
