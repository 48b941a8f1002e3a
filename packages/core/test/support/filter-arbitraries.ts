import fc from 'fast-check'
import type { Plain, PlainObject } from '../../src/input/snapshot.ts'

const KEYS = ['a', 'b', 'C_1', 'a.b']
const WORDS = [
  '', ' ', 'a', 'A', 'ab', '%', '_', '\\', "'", '"', '*', '$1', 'null', 'true', 'z', 'ä', 'Ä', 'é', 'É', '日本',
  '🎉', '\u{10ffff}', '\uffee', 'straße', 'STRASSE', 'İ', 'i', 'I', 'ı', 'ΣΑΣ', 'σας', 'σασ', '2024-05-01', '2024-05-01T10:00:00.000Z', '2024', '-5', '5', '5.0',
  '1e3', '0.1', '+7', '1e400', 'Infinity', 'NaN', '{}', '["a"]', '[]',
] // prettier-ignore
const word = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...WORDS) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom(...WORDS), { maxLength: 3 }).map((words) => words.join('')),
  },
)
const number = fc.oneof(
  fc.constantFrom(0, -0, 1, 5, -5, 0.1, 1.5, 7, 1000, 1e21, -2.5e30, 1e-7, 1.25e-9, 2 ** 53, 2024),
  fc.integer({ min: -20, max: 20 }),
)
const scalar = fc.oneof(word, number, fc.boolean(), fc.constant(null))
const stored: fc.Arbitrary<Plain> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 2 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('x', 'yy', 'B', 'ä'), scalar, { maxKeys: 2 }) },
)
/** The payload of a memory. */
export const payload = fc.dictionary(fc.constantFrom(...KEYS), stored, {
  maxKeys: 4,
}) as fc.Arbitrary<PlainObject>
const operators = fc.record(
  {
    eq: scalar,
    ne: scalar,
    in: fc.array(scalar, { maxLength: 3 }),
    nin: fc.array(scalar, { maxLength: 3 }),
    gt: scalar,
    gte: scalar,
    lt: scalar,
    lte: scalar,
    contains: word,
    icontains: word,
  },
  { requiredKeys: [] },
)
const condition = fc.oneof(
  scalar,
  fc.constant('*'),
  fc.array(scalar, { maxLength: 3 }),
  operators
    .map((all) => Object.fromEntries(Object.entries(all).slice(0, 2)))
    .filter((one) => Object.keys(one).length > 0),
)
const fields = fc.dictionary(fc.constantFrom(...KEYS), condition, { minKeys: 1, maxKeys: 2 })
/** A filter over such payloads. */
export const { filter } = fc.letrec<{ filter: PlainObject }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fields,
    fc
      .tuple(
        fc.constantFrom('AND', 'OR', 'NOT'),
        fc.array(tie('filter'), { minLength: 1, maxLength: 2 }),
        fields,
      )
      .map(([joint, of, others]) => ({ ...others, [joint]: of })),
  ),
}))
