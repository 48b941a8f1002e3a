import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Form {
  readonly name: string
  readonly description: string
  readonly body: readonly {
    readonly type: string
    readonly id?: string
    readonly attributes: { readonly label?: string; readonly options?: unknown[]; readonly value?: string }
  }[]
}

const root = join(import.meta.dirname, '../..')
const folder = join(root, '.github/ISSUE_TEMPLATE')
const read = (name: string): unknown => parse(readFileSync(join(folder, name), 'utf8'))
const privately = 'https://github.com/scoped-memory/scoped-memory/security/advisories/new'

const forms = readdirSync(folder).filter((name) => name !== 'config.yml')

describe.each(forms)('%s', (name) => {
  const { body, ...form } = read(name) as Form

  it('is a form that GitHub takes', () => {
    expect(form).toMatchObject({
      name: expect.any(String) as string,
      description: expect.any(String) as string,
    })
    for (const field of body) {
      expect(['markdown', 'input', 'textarea', 'dropdown', 'checkboxes']).toContain(field.type)
      if (field.type === 'markdown') expect(field.attributes.value).toBeTruthy()
      else
        expect(field).toMatchObject({
          id: expect.any(String) as string,
          attributes: { label: expect.any(String) as string },
        })
      if (field.type === 'dropdown' || field.type === 'checkboxes')
        expect(field.attributes.options).not.toHaveLength(0)
    }
    const ids = body.flatMap(({ id }) => id ?? [])
    expect(new Set(ids).size).toBe(ids.length)
  })
})

it('a security problem is sent to the private report, not to an issue', () => {
  expect(read('config.yml')).toMatchObject({
    blank_issues_enabled: false,
    contact_links: expect.arrayContaining([expect.objectContaining({ url: privately })]) as unknown[],
  })
  expect(readFileSync(join(folder, 'bug.yml'), 'utf8')).toContain(privately)
})
