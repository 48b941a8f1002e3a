import { randomBytes } from 'node:crypto'
import { Router, type Router as RouterType } from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { userById, userByPassword } from './users.ts'

passport.use(
  new LocalStrategy((login, password, done) => {
    userByPassword(login, password).then((user) => done(null, user ?? false), done)
  }),
)
passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id: string, done) => done(null, userById(id) ?? false))

/** Sessions, and the routes to log in and out. */
export function login(): RouterType {
  const router = Router()
  router.use(
    session({
      secret: process.env['SESSION_SECRET'] ?? randomBytes(32).toString('hex'),
      resave: false,
      saveUninitialized: false,
      cookie: { httpOnly: true, sameSite: 'lax' },
    }),
    passport.session(),
  )
  // A wrong name or password is answered with 401.
  router.post('/login', passport.authenticate('local'), (req, res) => {
    res.json({ name: req.user?.name })
  })
  router.get('/me', (req, res) => {
    if (req.user) res.json({ name: req.user.name })
    else res.sendStatus(401)
  })
  router.post('/logout', (req, res, next) => {
    req.logout((error) => (error ? next(error) : res.sendStatus(204)))
  })
  return router
}
