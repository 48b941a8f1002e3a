import { ENGINES } from './engines.ts'
import { OPERATIONS } from './measure.ts'
import { figureOf, millis, stepsOf, thousands, type Figures } from './report.ts'

const WIDTH = 960
const HEIGHT = 380
const PANEL = { width: 196, height: 220, top: 96, left: 64, gap: 28 }
// Told apart by people who see colours differently, and on white and on paper.
const COLOURS: Readonly<Record<string, string>> = {
  postgres: '#0969da',
  embedded: '#1a7f37',
  sqlite: '#cf222e',
  hosted: '#8250df',
}

interface Line {
  readonly engine: string
  readonly dashed: boolean
  readonly points: readonly (readonly [users: number, millis: number])[]
}

/** A panel an operation: milliseconds over the number of users, both logarithmic, as SVG. */
export function plot(figures: Figures): string {
  const steps = stepsOf(figures)
  const panels = OPERATIONS.map((operation) => linesOf(figures, steps, operation))
  const values = panels.flat().flatMap(({ points }) => points.map(([, value]) => value))
  const decades = [
    Math.floor(Math.log10(Math.min(...values))),
    Math.max(Math.ceil(Math.log10(Math.max(...values))), Math.floor(Math.log10(Math.min(...values))) + 1),
  ] as const
  const x = (users: number): number =>
    steps.length === 1
      ? PANEL.width / 2
      : (PANEL.width * Math.log(users / steps[0]!)) / Math.log(steps.at(-1)! / steps[0]!)
  const y = (value: number): number =>
    PANEL.height * (1 - (Math.log10(value) - decades[0]) / (decades[1] - decades[0]))

  const grid = (first: boolean): string[] => [
    ...range(decades[0], decades[1]).flatMap((decade) => [
      `<path class="g" d="M0 ${round(y(10 ** decade))}H${PANEL.width}"/>`,
      ...(first ? [text('n', -8, y(10 ** decade) + 4, inWords(10 ** decade))] : []),
    ]),
    ...steps.flatMap((users) => [
      `<path class="g" d="M${round(x(users))} 0V${PANEL.height}"/>`,
      text('m', x(users), PANEL.height + 18, short(users)),
    ]),
  ]
  const drawn = panels.map((lines, index) => {
    const left = PANEL.left + index * (PANEL.width + PANEL.gap)
    const marks = lines.flatMap(({ engine, dashed, points }) => {
      const at = points.map(([users, value]) => [round(x(users)), round(y(value))] as const)
      const style = `stroke="${COLOURS[engine]}"${dashed ? ' stroke-dasharray="5 4"' : ''}`
      return [
        `<path class="l" ${style} d="M${at.map((point) => point.join(' ')).join('L')}"/>`,
        ...at.map(
          ([cx, cy], point) =>
            `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${COLOURS[engine]}"><title>${describe(engine, OPERATIONS[index]!, dashed, points[point]!)}</title></circle>`,
        ),
      ]
    })
    return [
      `<g transform="translate(${left} ${PANEL.top})">`,
      text('t', PANEL.width / 2, -12, OPERATIONS[index]!),
      ...grid(index === 0),
      ...marks,
      '</g>',
    ].join('\n')
  })

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="t d" font-family="ui-sans-serif, system-ui, sans-serif">
<title id="t">What a call takes, by the number of users in the store</title>
<desc id="d">${summary(panels[0]!)}</desc>
<style>
.g { stroke: #d1d9e0; stroke-width: 1; }
.l { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
.t { font-size: 15px; font-weight: 600; fill: #1f2328; text-anchor: middle; }
.m { font-size: 12px; fill: #424a53; text-anchor: middle; }
.n { font-size: 12px; fill: #424a53; text-anchor: end; }
.k { font-size: 13px; fill: #1f2328; }
</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${legend(panels.flat())}
${drawn.join('\n')}
${text('m', WIDTH / 2, HEIGHT - 12, 'users in the store · median time of a call through ScopedMemory, both axes logarithmic')}
</svg>
`
}

function linesOf(figures: Figures, steps: readonly number[], operation: string): Line[] {
  const series = [
    { suffix: `${operation}.p50Millis`, dashed: false },
    { suffix: `${operation}.unindexed.p50Millis`, dashed: true },
  ]
  return Object.keys(ENGINES).flatMap((engine) =>
    series.flatMap(({ suffix, dashed }) => {
      const points = steps.flatMap((users) => {
        const value = figureOf(figures, engine, users)(suffix)
        return value === undefined ? [] : [[users, value] as const]
      })
      return points.length === 0 ? [] : [{ engine, dashed, points }]
    }),
  )
}

function legend(lines: readonly Line[]): string {
  const shown = new Map(lines.map(({ engine, dashed }) => [`${engine} ${dashed}`, { engine, dashed }]))
  let left = 16
  return [...shown.values()]
    .map(({ engine, dashed }) => {
      const title = titleOf(engine, dashed)
      const mark = `<path class="l" stroke="${COLOURS[engine]}"${dashed ? ' stroke-dasharray="5 4"' : ''} d="M${left} 34h22"/>`
      const label = text('k', left + 28, 38, title)
      left += 48 + title.length * 6.5
      return mark + label
    })
    .join('\n')
}

function summary(lines: readonly Line[]): string {
  const sentences = lines.map(({ engine, dashed, points }) => {
    const [from, to] = [points[0]!, points.at(-1)!]
    return `${titleOf(engine, dashed)}: ${millis(from[1])} ms with ${thousands(from[0])} users, ${millis(to[1])} ms with ${thousands(to[0])}.`
  })
  return `Search. ${sentences.join(' ')}`
}

function titleOf(engine: string, dashed: boolean): string {
  return escape(ENGINES[engine]!.title) + (dashed ? ', no index' : '')
}

function describe(
  engine: string,
  operation: string,
  dashed: boolean,
  [users, value]: readonly [number, number],
): string {
  return `${titleOf(engine, dashed)}, ${operation}, ${thousands(users)} users: ${millis(value)} ms`
}

function text(kind: string, x: number, y: number, content: string): string {
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}">${content}</text>`
}

function short(users: number): string {
  return users >= 1e6 ? `${users / 1e6}M` : users >= 1000 ? `${users / 1000}k` : String(users)
}

function inWords(millis: number): string {
  return millis >= 1000 ? `${millis / 1000} s` : `${millis} ms`
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escape(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
