import { send, showBar, whoIsThere } from './session.js'

const element = (id) => document.getElementById(id)
const [list, section, title, count, empty, more] = [
  'memories',
  'section',
  'list-title',
  'count',
  'empty',
  'more',
].map(element)
const [done, failed, query, dialog] = ['done', 'failed', 'query', 'confirm'].map(element)
const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' })

let page = 1
let latest = 0

const name = await whoIsThere()
if (name === undefined) location.replace('./')
else {
  showBar(name)
  await show()
}

element('search').addEventListener('submit', (event) => {
  event.preventDefault()
  void show()
})
// Fires when the field is emptied by its own button, too.
query.addEventListener('search', () => query.value === '' && void show())
more.addEventListener('click', () => void show(page + 1))

element('erase').addEventListener('click', async () => {
  const sure = await confirmed(
    'Erase all memories?',
    'Everything the assistant remembers about you is deleted at once and cannot be brought back.',
    'Erase everything',
  )
  if (!sure) return
  await act(async () => {
    const receipt = await answerOf(send('POST', 'memories/erase', { confirm: true }))
    query.value = ''
    await show()
    const { deleted, retained } = receipt
    done.textContent = `Erased ${counted(deleted)}. ${retained.length > 0 ? `What is kept all the same: ${retained.join('; ')}.` : ''}`
  })
  title.focus()
})

/** Shows the first page, or adds another one. */
async function show(next = 1) {
  const turn = ++latest
  section.setAttribute('aria-busy', 'true')
  await act(async () => {
    const asked = query.value.trim()
    const parameters = new URLSearchParams(asked === '' ? { page: String(next) } : { q: asked })
    const found = await answerOf(fetch(`memories?${parameters}`))
    if (turn !== latest) return
    page = next
    const items = found.results.map(item)
    if (next === 1) list.replaceChildren(...items)
    else list.append(...items)
    more.hidden = found.next === null
    describe(asked)
    if (next > 1) items[0]?.querySelector('.edit').focus()
  })
  if (turn === latest) section.setAttribute('aria-busy', 'false')
}

function describe(asked) {
  const shown = list.children.length
  empty.hidden = shown > 0
  empty.textContent = asked === '' ? 'Nothing is remembered about you.' : 'Nothing was found.'
  count.textContent =
    asked === '' ? `${counted(shown)}${more.hidden ? '' : ' so far'}` : `${counted(shown)}, best match first`
}

function item({ id, memory, createdAt, updatedAt }) {
  const node = element('memory').content.firstElementChild.cloneNode(true)
  const text = node.querySelector('p')
  const time = node.querySelector('time')
  text.textContent = memory
  const changed = updatedAt && updatedAt !== createdAt
  const at = changed ? updatedAt : createdAt
  if (at) {
    time.dateTime = at
    time.textContent = `${changed ? 'Corrected' : 'Remembered'} on ${day.format(new Date(at))}`
  }
  const [edit, remove] = ['.edit', '.delete'].map((selector) => node.querySelector(selector))
  const label = () => {
    edit.setAttribute('aria-label', `Correct: ${text.textContent}`)
    remove.setAttribute('aria-label', `Delete: ${text.textContent}`)
  }
  label()
  edit.addEventListener('click', () => correct(node, id, text, label))
  remove.addEventListener('click', () => void forget(node, id, text.textContent))
  return node
}

function correct(node, id, text, relabel) {
  const parts = [...node.children]
  const editor = element('editor').content.firstElementChild.cloneNode(true)
  const field = editor.querySelector('textarea')
  const close = () => {
    node.replaceChildren(...parts)
    node.querySelector('.edit').focus()
  }
  field.value = text.textContent
  editor.querySelector('.cancel').addEventListener('click', close)
  editor.addEventListener('keydown', (event) => event.key === 'Escape' && close())
  editor.addEventListener('submit', async (event) => {
    event.preventDefault()
    await act(async () => {
      await answerOf(send('PATCH', `memories/${encodeURIComponent(id)}`, { text: field.value }))
      text.textContent = field.value
      node.querySelector('time')?.replaceChildren()
      relabel()
      close()
      done.textContent = 'Corrected.'
    })
  })
  node.replaceChildren(editor)
  field.focus()
}

async function forget(node, id, text) {
  if (!(await confirmed('Delete this memory?', text, 'Delete'))) return
  await act(async () => {
    await answerOf(send('DELETE', `memories/${encodeURIComponent(id)}`))
    const neighbour = node.nextElementSibling ?? node.previousElementSibling
    node.remove()
    describe(query.value.trim())
    done.textContent = 'Deleted.'
    ;(neighbour?.querySelector('.edit') ?? title).focus()
  })
}

/** Asks in a dialog; Escape and Cancel mean no. */
function confirmed(heading, text, yes) {
  element('confirm-title').textContent = heading
  element('confirm-text').textContent = text
  element('confirm-yes').textContent = yes
  dialog.returnValue = 'cancel'
  dialog.showModal()
  return new Promise((resolve) =>
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'confirm'), { once: true }),
  )
}

/** Runs what a user asked for, and says so when it fails. */
async function act(run) {
  done.textContent = ''
  failed.textContent = ''
  try {
    await run()
  } catch (error) {
    failed.textContent = error.message
  }
}

async function answerOf(request) {
  const answer = await request
  if (answer.status === 401) location.replace('./')
  if (!answer.ok) {
    throw new Error(
      answer.status === 404
        ? 'This memory is not there any more. Reload the page.'
        : 'That did not work. Try again in a moment.',
    )
  }
  return answer.status === 204 ? undefined : answer.json()
}

function counted(number) {
  return number === 1 ? '1 memory' : `${number} memories`
}
