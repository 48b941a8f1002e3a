/** The name of the user who is logged in; undefined when nobody is. */
export async function whoIsThere() {
  const answer = await fetch('me')
  return answer.ok ? (await answer.json()).name : undefined
}

/** Sends JSON and resolves the answer. */
export function send(method, path, body) {
  return fetch(path, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
}

/** Shows the bar with the user's name and lets the user log out. */
export function showBar(name) {
  document.getElementById('name').textContent = name
  document.getElementById('bar').hidden = false
  document.getElementById('logout').addEventListener('click', async () => {
    await send('POST', 'logout')
    location.assign('./')
  })
}
