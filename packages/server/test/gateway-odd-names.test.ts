import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { putDirectory, putRaw } from '../src/ipfs/sample-dags.ts'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { uploadDag, type Uploaded } from './support/content.ts'
import { rawConnect } from './support/raw-http.ts'

/** Names that mean something to whoever shows, saves, unpacks or forwards them. */
const names = [
  '..',
  '.',
  '../../etc/passwd',
  '/etc/passwd',
  'a\0b',
  'line\r\nset-cookie: x=1',
  'half\nline',
  'quo"te',
  "apo'strophe",
  'back\\slash',
  '<script>alert(1)</script>',
  '"onmouseover=alert(1) x="',
  'javascript:alert(1)',
  '%2e%2e%2f',
  '%0d%0aset-cookie:x',
  'semi;colon, comma',
  'right-to-left \u202e gpj.exe',
  'line separator \u2028',
  '\ud800 half a character',
  '__proto__',
  'constructor',
  '👩‍👩‍👧‍👦'.repeat(60),
]

describe('names that mean something elsewhere', () => {
  let app: TestApp
  let key: KeyValues
  let inside: Uploaded
  let folders: Uploaded
  const cids: string[] = []

  beforeAll(async () => {
    app = await startTestApp()
    key = await app.setUp()
    const blocks = new MemoryBlocks()
    const page = putRaw(blocks, '<p>x')
    const sorted = names.map((name) => [name.toWellFormed(), page] as const)
    inside = await uploadDag(app, key, { root: putDirectory(blocks, Object.fromEntries(sorted)), blocks })
    const sub = putDirectory(blocks, { 'x.txt': page })
    const below = names.map((name) => [name.toWellFormed(), sub] as const)
    folders = await uploadDag(app, key, { root: putDirectory(blocks, Object.fromEntries(below)), blocks })
    cids.push(inside.cid, folders.cid)
  })
  afterAll(() => app.close())

  /** An answer as bytes on the wire: what a lenient client might make of them is seen here. */
  async function wire(path: string, headers = ''): Promise<{ head: string; lines: string[]; body: string }> {
    const connection = await rawConnect(app.gatewayUrl, `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`) // prettier-ignore
    const { text } = await connection.closed()
    const at = text.indexOf('\r\n\r\n')
    const head = text.slice(0, at)
    return { head, lines: head.split('\r\n'), body: text.slice(at + 4) }
  }

  function expectClean(path: string, { head, lines }: { head: string; lines: string[] }) {
    expect(lines[0], path).toMatch(/^HTTP\/1\.1 [1-4]\d\d /)
    expect(head, path).not.toMatch(/set-cookie/i.test(path) ? /^set-cookie:/im : /set-cookie/i)
    // Every line is a header of ours, and nothing but printable ASCII stands in it.
    for (const line of lines.slice(1))
      expect([path, line]).toEqual([path, expect.stringMatching(/^[\w-]+: [\x20-\x7e]*$/)])
    const locations = lines.filter((line) => /^location:/i.test(line))
    for (const line of locations) expect([path, line]).toEqual([path, expect.stringMatching(/^location: \/(?!\/)/i)])
  }

  it('stay inside their header and their redirect, whatever asks for them', async () => {
    for (const name of names) {
      const segment = encodeURIComponent(name.toWellFormed())
      for (const cid of cids) {
        for (const path of [
          `/ipfs/${cid}/${segment}`,
          `/ipfs/${cid}/${segment}?download=true`,
          `/ipfs/${cid}/${segment}/?x=1`,
          `/ipfs/${cid}/none/${segment}`,
          `/ipfs/${cid}/x?filename=${segment}&download=true`,
          `/ipfs/${cid}?filename=${segment}&format=car`,
          `/ipfs/${cid}/${segment}?format=raw&filename=${segment}`,
          `/ipfs/?uri=ipfs://${segment}/${segment}`,
          `/ipns/${segment}/x`,
          `/ipfs/${segment}`,
        ]) {
          const answer = await wire(path)
          expectClean(path, answer)
          // An error names what was not found as text, and no browser takes it for more.
          if (answer.head.startsWith('HTTP/1.1 4')) {
            expect(answer.head).toMatch(/content-type: text\/plain; charset=utf-8/i)
            expect(answer.head).toMatch(/x-content-type-options: nosniff/i)
          }
        }
      }
    }
  }, 60_000)

  it('are text in a listing, and no link in it leads out of it', async () => {
    for (const cid of cids) {
      const { body, head } = await wire(`/ipfs/${cid}/`)
      expect(head).toMatch(/content-security-policy: default-src 'none'/i)
      expect(body).not.toContain('<script')
      expect(body).not.toMatch(/<[^>]*\son\w+=/)
      for (const [, href = ''] of body.matchAll(/href="([^"]*)"/g))
        expect(href).toMatch(new RegExp(`^/ipfs/(${cid}(/[^/]+)?|baf[a-z2-7]+\\?filename=[^/]*)$`))
      expect(body.toLowerCase()).not.toContain('\0')
    }
    // Under a name that a page could be built of.
    const segment = encodeURIComponent('"onmouseover=alert(1) x="')
    const { body } = await wire(`/ipfs/${folders.cid}/${segment}/`)
    expect(body).toContain('Index of')
    expect(body).not.toMatch(/<[^>]*\sonmouseover=/)
  })

  it('keep an archive from being made', async () => {
    for (const cid of cids) {
      const { head, body } = await wire(`/ipfs/${cid}?format=tar`)
      expect(head).toMatch(/^HTTP\/1\.1 400 /)
      expect(body).toMatch(/\S/)
    }
    const blocks = new MemoryBlocks()
    const leaf = putRaw(blocks, 'x')
    for (const name of ['a\0b', '../x', 'a\rb', 'a\nb', '..']) {
      const root = putDirectory(blocks, { [name]: leaf })
      const { cid } = await uploadDag(app, key, { root, blocks })
      const { head } = await wire(`/ipfs/${cid}?format=tar`)
      expect([name, head.split('\r\n')[0]]).toEqual([name, expect.stringMatching(/ 400 /)])
    }
  })
})
