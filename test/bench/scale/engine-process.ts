// One engine in a process of its own, so that what one leaves behind is not counted for the next.
import { ENGINES } from './engines.ts'
import { measureEngine, type ScaleMeasurements, type ScaleOptions, type ScaleProgress } from './measure.ts'

export interface ToEngineProcess {
  readonly engine: string
  readonly options: ScaleOptions
}
export type FromEngineProcess = { readonly progress: ScaleProgress } | ScaleMeasurements

process.once('message', ({ engine, options }: ToEngineProcess) => {
  const say = (message: FromEngineProcess): void => void process.send!(message)
  measureEngine(engine, ENGINES[engine]!, options, (progress) => say({ progress })).then(
    (measurements) => {
      say(measurements)
      process.disconnect()
    },
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
