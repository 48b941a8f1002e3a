import { send, showBar, whoIsThere } from './session.js'

const login = document.getElementById('login')
const chat = document.getElementById('chat')
const talk = document.getElementById('talk')
const refused = document.getElementById('refused')

const name = await whoIsThere()
document.getElementById(name === undefined ? 'visitor' : 'user').hidden = false
if (name !== undefined) showBar(name)

login.addEventListener('submit', async (event) => {
  event.preventDefault()
  const answer = await send('POST', 'login', Object.fromEntries(new FormData(login)))
  if (answer.ok) location.reload()
  else refused.textContent = 'That name and password do not belong together.'
})

chat.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { message } = Object.fromEntries(new FormData(chat))
  chat.reset()
  say(message, 'own')
  const answer = await send('POST', 'chat', { message })
  say(answer.ok ? (await answer.json()).reply : 'Something went wrong. Try again in a moment.')
})

function say(text, kind = '') {
  const item = document.createElement('li')
  item.textContent = text
  item.className = kind
  talk.append(item)
  item.scrollIntoView({ block: 'nearest' })
}
