import type { JSONSchema4 } from '@typescript-eslint/utils/json-schema'
import type { ClientDescription } from '../clients/client-description.ts'
import { knownClients } from '../clients/known/index.ts'
import { allowInSchema } from './allow-in.ts'

const strings: JSONSchema4 = { type: 'array', items: { type: 'string', minLength: 1 }, uniqueItems: true }
const named: JSONSchema4 = { ...strings, minItems: 1 }

const object = (properties: Readonly<Record<string, JSONSchema4>>, required: string[]): JSONSchema4 => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

const position: JSONSchema4 = { type: 'integer', minimum: 0 }
const place: JSONSchema4 = object({ argument: position, at: { type: 'string' } }, ['argument', 'at'])
const places: JSONSchema4 = {
  type: 'array',
  items: place,
  minItems: 1,
}
const userPlaces = { partitions: places, names: places }

const method: JSONSchema4 = {
  type: 'object',
  oneOf: [
    {
      ...object(
        {
          kind: { type: 'string', enum: ['scoped'] },
          argument: position,
          at: { type: 'array', items: { type: 'string' }, uniqueItems: true },
          userKeys: named,
          ids: places,
          ...userPlaces,
        },
        ['kind'],
      ),
      anyOf: [['argument', 'at'], ['partitions'], ['names']].map((required) => ({
        type: 'object',
        required,
      })),
    },
    object(
      {
        kind: { type: 'string', enum: ['part'] },
        part: { type: 'string', minLength: 1 },
        table: place,
        ...userPlaces,
      },
      ['kind', 'part'],
    ),
    object(
      { kind: { type: 'string', enum: ['rows'] }, argument: position, at: { type: 'string' }, ...userPlaces },
      ['kind', 'argument', 'at'],
    ),
    object(
      {
        kind: { type: 'string', enum: ['chained'] },
        table: { anyOf: [place, { type: 'string', minLength: 1 }] },
        rows: { type: 'string', minLength: 1 },
        ...userPlaces,
      },
      ['kind'],
    ),
    object({ kind: { type: 'string', enum: ['keyed'] }, keys: places, ...userPlaces }, ['kind', 'keys']),
    object({ kind: { type: 'string', enum: ['byId'] }, ids: places, ...userPlaces }, ['kind']),
    object({ kind: { type: 'string', enum: ['projectWide'] }, ...userPlaces }, ['kind']),
  ],
}

const members = {
  methods: { type: 'object', additionalProperties: method },
  properties: { type: 'object', additionalProperties: { type: 'string', minLength: 1 } },
  tableProperties: { type: 'string', minLength: 1 },
  internals: strings,
} as const satisfies Readonly<Record<string, JSONSchema4>>

const described: JSONSchema4 = object(
  {
    modules: named,
    classes: named,
    factories: strings,
    userKeys: named,
    otherKeys: strings,
    hosts: strings,
    filter: {
      type: 'string',
      enum: ['keys', 'conditions', 'tuples', 'text', 'builder', 'relations', 'expressions', 'calls'],
    },
    tables: { anyOf: [{ type: 'string', enum: ['byColumn'] }, named] },
    columnsAt: named,
    idKeys: strings,
    builtWith: { type: 'string', minLength: 1 },
    write: { type: 'string', minLength: 1 },
    parts: {
      type: 'object',
      additionalProperties: object({ classes: named, ...members }, ['methods']),
    },
    ...members,
  },
  ['modules', 'classes', 'userKeys', 'methods'],
)

/** The clients that need nothing but their name; of others, a setting has to say which tables belong to users. */
const complete = Object.entries<ClientDescription>(knownClients).flatMap(([name, { tables }]) =>
  tables?.length === 0 ? [] : [name],
)

const client: JSONSchema4 = {
  ...described,
  anyOf: [
    { type: 'object', properties: { methods: { type: 'object', minProperties: 1 } } },
    { type: 'object', required: ['properties'] },
    { type: 'object', required: ['tableProperties'] },
  ],
}

/** The schema of a rule that takes one object of options, `clients` and `allowIn` among them. */
export function clientSchema(properties: Readonly<Record<string, JSONSchema4>>): JSONSchema4 {
  return {
    type: 'array',
    items: [
      {
        type: 'object',
        properties: {
          allowIn: allowInSchema,
          clients: {
            type: 'array',
            items: {
              anyOf: [{ type: 'string', enum: complete }, { $ref: '#/definitions/client' }],
            },
          },
          ...properties,
        },
        additionalProperties: false,
      },
    ],
    additionalItems: false,
    definitions: { client },
  }
}
