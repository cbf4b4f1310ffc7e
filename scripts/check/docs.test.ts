import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { docs } from './docs.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pinyon-docs-'))
  mkdirSync(join(root, 'docs/flows'), { recursive: true })
  mkdirSync(join(root, 'packages/server/src/http'), { recursive: true })
  writeFileSync(join(root, 'packages/server/src/http/serve.ts'), '')
  writeFileSync(join(root, 'README.md'), '[flows](docs/flows/read.md) and [elsewhere](https://example.org/x.md)')
})

afterEach(() => rmSync(root, { recursive: true }))

it('is content when every name and link leads somewhere', async () => {
  writeFileSync(
    join(root, 'docs/flows/read.md'),
    'Through `http/serve.ts: serve`, back to [the start](../../README.md).',
  )
  expect(await docs.run(root)).toEqual([])
})

it('names a file that moved and a link that leads nowhere', async () => {
  writeFileSync(join(root, 'docs/flows/read.md'), 'Through `http/gone.ts`, back to [a page](nowhere.md).')
  expect(await docs.run(root)).toEqual([
    'docs/flows/read.md: nowhere.md is not there',
    'docs/flows/read.md: http/gone.ts is not there',
  ])
})

it('reads the pages that stand beside what they describe', async () => {
  writeFileSync(join(root, 'README.md'), 'A page.')
  mkdirSync(join(root, 'bench'))
  writeFileSync(join(root, 'bench/README.md'), '[a page](nowhere.md)')
  expect(await docs.run(root)).toEqual(['bench/README.md: nowhere.md is not there'])
})
