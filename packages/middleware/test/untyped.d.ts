// The older majors have the API of the newer ones as far as the test servers go.
declare module 'express4' {
  export { default } from 'express'
}
declare module 'koa2' {
  export { default } from 'koa'
}
declare module 'better-sqlite3' {
  const Database: new (path: string) => never
  export default Database
}
