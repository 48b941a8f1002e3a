// TypeDoc calls an entry point by its subpath, which the main entry of a package does not have.
import { Application, ReflectionKind } from 'typedoc'

/** @param {Application} app */
export function load(app) {
  app.on(Application.EVENT_PROJECT_REVIVE, (project) => {
    for (const entry of project.getReflectionsByKind(ReflectionKind.Module))
      if (entry.name === '') entry.name = 'index'
  })
}
