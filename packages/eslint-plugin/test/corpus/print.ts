import { measure, measured } from './measure.ts'

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

for (const [corpus, tier] of measured) {
  const { files, expected, found, missed, falseReports, precision, recall } = await measure(corpus, tier)
  console.log(`${corpus}, ${tier}: ${files} files, ${found} of ${expected} found`)
  console.log(`  precision ${percent(precision)}, recall ${percent(recall)}`)
  for (const { at, text } of missed) console.log(`  missed ${at}: ${text}`)
  for (const { at, text } of falseReports) console.log(`  false  ${at}: ${text}`)
  if (missed.length + falseReports.length > 0) process.exitCode = 1
}
