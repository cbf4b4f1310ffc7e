import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes } from '@pinyon/contract/routes.ts'
import { startTestApp, type TestApp } from './support/app.ts'

const root = join(import.meta.dirname, '../../..')
const read = (name: string) => readFileSync(join(root, name), 'utf8')
const operating = read('docs/operating.md')
const alerts = read('deploy/alerts.yaml')

/** The names under which a browser finds the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return new Set(headings.map((heading) => heading.toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-'))) // prettier-ignore
}

describe('what operators are told', () => {
  let app: TestApp
  let told: string
  beforeAll(async () => {
    app = await startTestApp()
    await app.setUp()
    told = await app.services.metrics.registry.metrics()
  })
  afterAll(() => app.close())

  /** Whether the server tells of a metric, in whatever form of it is asked. */
  const isTold = (name: string) => told.includes(`# TYPE ${name.replace(/_(bucket|sum|count)$/, '')} `)

  it('has alerts on metrics that there are', () => {
    const expressions = [...alerts.matchAll(/expr: (.+)$/gm)].map(([, expression]) => expression ?? '')
    expect(expressions.length).toBeGreaterThan(8)
    const names = expressions.flatMap((text) => text.match(/\b(pinyon|nodejs|process)_\w+/g) ?? [])
    // Once everything is read back there is a time of it: not in an installation of a second ago.
    expect(names.filter((name) => !isTold(name))).toEqual([])
  })

  it('has alerts on labels and routes that there are', () => {
    const ids = alerts.match(/route=~"([^"]+)"/)?.[1]?.split('|') ?? []
    expect(ids.length).toBeGreaterThan(0)
    expect(ids.filter((id) => !(id in routes))).toEqual([])
  })

  it('leads from every alert to a section of the page', () => {
    const books = [...alerts.matchAll(/runbook: docs\/operating\.md#(\S+)/g)].map(([, anchor = '']) => anchor)
    expect(books).toHaveLength(alerts.match(/- alert:/g)?.length ?? 0)
    const anchors = anchorsOf(operating)
    expect(books.filter((anchor) => !anchors.has(anchor))).toEqual([])
    const inside = [...operating.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor)
    expect(inside.filter((anchor) => !anchors.has(anchor))).toEqual([])
  })

  it('says what each metric of ours means, and of none that there is not', () => {
    const table = operating.slice(operating.indexOf('**Metrics**'), operating.indexOf('**Log**'))
    const cells = table.split('\n').map((row) => row.split('|')[1] ?? '')
    const named = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)(?:\{[^}]*\})?`/g)].map(([, name = '']) => name))
    const full = named.map((name) => (/^(process|nodejs|pinyon)_/.test(name) ? name : `pinyon_${name}`))
    const ours = [...told.matchAll(/^# TYPE (pinyon_\w+) /gm)].map(([, name = '']) => name)
    expect(ours.filter((name) => !full.includes(name))).toEqual([])
    expect(full.filter((name) => !isTold(name))).toEqual([])
  })

  it('quotes lines of the log as they are written', () => {
    const table = operating.slice(operating.indexOf('| line (`msg`)'), operating.indexOf('## Disk full'))
    const rows = table.split('\n').slice(2)
    const lines = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, line = '']) => line),
    )
    expect(lines.length).toBeGreaterThan(14)
    const sources = globSync('packages/server/src/**/*.ts', { cwd: root }).map(read).join('\n')
    expect(lines.filter((line) => !sources.includes(line.replace(/ …$/, '')))).toEqual([])
  })

  it('names only settings that there are', () => {
    const settings = read('docs/settings.md')
    for (const page of ['docs/operating.md', 'docs/threat-model.md']) {
      const names = new Set(read(page).match(/PINYON_[A-Z_]+/g))
      expect([...names].filter((name) => !settings.includes(name))).toEqual([])
    }
  })
})

describe('the threat model', () => {
  const page = read('docs/threat-model.md')

  it('names tests that there are', () => {
    const named = [...page.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(80)
    const places = ['', 'packages/server/test', 'packages/server/src', 'packages/console/test', 'packages/cli/test']
    const missing = named.filter((name) => !places.some((place) => existsSync(join(root, place, name))))
    expect([...new Set(missing)]).toEqual([])
  })

  it('has for every threat where it is met and what shows it, or says that nothing does', () => {
    const rows = page.split('\n').filter((line) => /^\| T\d/.test(line))
    expect(rows.length).toBeGreaterThan(70)
    const empty = rows.filter((row) => row.split('|').slice(1, 5).some((cell) => cell.trim() === '')) // prettier-ignore
    expect(empty).toEqual([])
    expect(rows.filter((row) => !/\.test\.ts`|`[\w-]+` of torture|no test: /.test(row))).toEqual([])
  })
})
