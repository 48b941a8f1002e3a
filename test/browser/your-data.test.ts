import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startExample, type Example } from '../e2e/example.ts'
import { CHROMIUM_ARGS, chromiumPath } from './chromium.ts'

const SCREENSHOT = new URL('../../docs/images/your-data.png', import.meta.url)
const axe = createRequire(import.meta.url).resolve('axe-core')
const executablePath = chromiumPath()

describe.skipIf(executablePath === undefined)('the "your data" page, in Chromium', () => {
  let server: Example
  let browser: Browser
  let alice: Page
  let bob: Page

  beforeAll(async () => {
    server = await startExample('express', { MEM0_API_KEY: '' })
    browser = await chromium.launch({ executablePath: executablePath!, args: CHROMIUM_ARGS })
    alice = await loggedIn('alice')
    bob = await loggedIn('bob')
    await tell(alice, [
      'I am vegetarian and allergic to peanuts',
      'My dog is called Rex',
      'I work as a nurse, mostly night shifts',
      'I would rather take the train than fly',
    ])
    await tell(bob, ['I always book the window seat', 'I like a steak on Sundays'])
    for (const page of [alice, bob]) await page.getByRole('link', { name: 'Your data' }).click()
  })

  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  it('sends a visitor to the login', async () => {
    const context = await browser.newContext({ baseURL: server.url })
    const visitor = await context.newPage()
    await visitor.goto('/your-data.html')
    await visitor.getByRole('heading', { name: 'Log in' }).waitFor()
    await visitor.getByLabel('Name').fill('alice')
    await visitor.getByLabel('Password').fill('bob-demo')
    await visitor.getByRole('button', { name: 'Log in' }).click()
    expect(await eventually(() => visitor.getByRole('alert').textContent(), /do not belong together/)).toBe(
      true,
    )
    await context.close()
  })

  it('shows each user only theirs', async () => {
    expect((await memories(alice)).sort()).toEqual([
      'I am vegetarian and allergic to peanuts',
      'I work as a nurse, mostly night shifts',
      'I would rather take the train than fly',
      'My dog is called Rex',
    ])
    expect((await memories(bob)).sort()).toEqual([
      'I always book the window seat',
      'I like a steak on Sundays',
    ])
    await alice.getByText('4 memories', { exact: true }).waitFor()
  })

  it('has nothing that axe objects to, in light and in dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await alice.emulateMedia({ colorScheme })
      expect(await violations(alice)).toEqual([])
    }
    await alice.emulateMedia({ colorScheme: 'light' })
  })

  it('is the one in the README', async () => {
    const image = await alice.screenshot({ fullPage: true, animations: 'disabled' })
    expect(image.length).toBeGreaterThan(10_000)
    if (process.env['UPDATE_SCREENSHOTS'] || !existsSync(SCREENSHOT)) {
      await mkdir(new URL('.', SCREENSHOT), { recursive: true })
      await writeFile(SCREENSHOT, image)
    }
    // Width and height, from the header of the PNG.
    const size = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)]
    expect(size(await readFile(SCREENSHOT))[0]).toBe(size(image)[0])
  })

  it('finds by meaning', async () => {
    await alice.getByRole('searchbox', { name: 'Search your memories' }).fill('food preferences')
    await alice.getByRole('button', { name: 'Search' }).click()
    await alice.getByText('best match first').waitFor()
    expect((await memories(alice))[0]).toBe('I am vegetarian and allergic to peanuts')
    await alice.getByRole('searchbox').fill('')
    await alice.getByRole('button', { name: 'Search' }).click()
    await alice.getByText('4 memories', { exact: true }).waitFor()
  })

  it('corrects one, by keyboard alone', async () => {
    const correct = alice.getByRole('button', { name: 'Correct: My dog is called Rex' })
    await correct.focus()
    await alice.keyboard.press('Enter')
    const field = alice.getByRole('textbox', { name: 'Corrected memory' })
    expect(await field.inputValue()).toBe('My dog is called Rex')
    expect(await focused(alice)).toBe('Corrected memory')

    await alice.keyboard.press('Escape')
    expect(await focused(alice)).toBe('Correct: My dog is called Rex')

    await alice.keyboard.press('Enter')
    await alice.keyboard.press('ControlOrMeta+a')
    await alice.keyboard.type('My dog is called Max')
    await alice.keyboard.press('Tab')
    await alice.keyboard.press('Enter')
    await alice.getByRole('status').getByText('Corrected.').waitFor()
    expect(await focused(alice)).toBe('Correct: My dog is called Max')

    await alice.reload()
    await alice.getByText('My dog is called Max').waitFor()
  })

  it('deletes one, once it is confirmed', async () => {
    const remove = alice.getByRole('button', { name: 'Delete: I work as a nurse, mostly night shifts' })
    await remove.click()
    await alice.getByRole('dialog', { name: 'Delete this memory?' }).waitFor()
    expect(await violations(alice)).toEqual([])
    await alice.keyboard.press('Escape')
    expect(await memories(alice)).toHaveLength(4)

    await remove.click()
    await alice.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await alice.getByText('3 memories', { exact: true }).waitFor()
    expect(await memories(alice)).not.toContain('I work as a nurse, mostly night shifts')
  })

  it('downloads everything', async () => {
    const download = alice.waitForEvent('download')
    await alice.getByRole('link', { name: 'Download your memories' }).click()
    const file = await download
    expect(file.suggestedFilename()).toMatch(/^memories-\d{4}-\d\d-\d\d\.json$/)
    const { memories: kept } = JSON.parse(await readFile(await file.path(), 'utf8')) as { memories: object[] }
    expect(kept).toHaveLength(3)
    expect(JSON.stringify(kept)).not.toContain('window seat')
  })

  it('erases everything of one user and touches nothing of the other', async () => {
    const erase = alice.getByRole('button', { name: 'Erase all memories…' })
    await erase.click()
    const dialog = alice.getByRole('dialog', { name: 'Erase all memories?' })
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect(await memories(alice)).toHaveLength(3)

    await erase.click()
    await dialog.getByRole('button', { name: 'Erase everything' }).click()
    await alice.getByRole('status').getByText('Erased 3 memories.').waitFor()
    await alice.getByText('Nothing is remembered about you.').waitFor()
    expect(await memories(alice)).toEqual([])

    await bob.reload()
    await bob.getByText('2 memories', { exact: true }).waitFor()
    expect((await memories(bob)).sort()).toEqual([
      'I always book the window seat',
      'I like a steak on Sundays',
    ])
  })

  it('shows markup in a memory as text', async () => {
    await bob.goto('/')
    await tell(bob, ['<img src=x onerror="document.title=1"> is my favourite tag'])
    await bob.goto('/your-data.html')
    await bob.getByText('<img src=x').waitFor()
    expect(await bob.locator('img').count()).toBe(0)
    expect(await bob.title()).toBe('Your data')
  })

  async function loggedIn(user: string): Promise<Page> {
    const context = await browser.newContext({ baseURL: server.url, viewport: { width: 900, height: 700 } })
    const page = await context.newPage()
    await page.goto('/')
    await page.getByLabel('Name').fill(user)
    await page.getByLabel('Password').fill(`${user}-demo`)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Chat' }).waitFor()
    return page
  }
})

async function tell(page: Page, messages: readonly string[]): Promise<void> {
  for (const [index, message] of messages.entries()) {
    await page.getByLabel('Message').fill(message)
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('I will remember that.').nth(index).waitFor()
  }
}

async function memories(page: Page): Promise<string[]> {
  await page.locator('#section[aria-busy=false]').waitFor()
  return page.getByRole('listitem').locator('p').allTextContents()
}

async function violations(page: Page): Promise<unknown[]> {
  // A script tag would be stopped by the page's content security policy.
  await page.evaluate(await readFile(axe, 'utf8'))
  return page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))',
  )
}

function focused(page: Page): Promise<string | null> {
  return page.locator(':focus').getAttribute('aria-label')
}

async function eventually(read: () => Promise<string | null>, expected: RegExp): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (expected.test((await read()) ?? '')) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}
