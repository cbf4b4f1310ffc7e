import { createHash } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { launchBrowser } from './support/browser.ts'
import { type ReadyServer, startReadyServer } from './support/console-page.ts'
import { type ForeignPage, serveForeignPage } from './support/foreign-page.ts'
import type { FrontEnd } from './support/front-end.ts'

const mib = 1024 * 1024
declare const frontEnd: FrontEnd

describe('a page on another origin', { timeout: 180_000 }, () => {
  let server: ReadyServer
  let browser: Browser
  let pages: ForeignPage
  let page: Page
  let uploadOnly: string

  beforeAll(async () => {
    server = await startReadyServer()
    const made = await ask('POST', '/v3/pinata/keys', server.key.JWT, {
      keyName: 'page',
      permissions: { endpoints: { files: { upload: true }, links: { sign: true } } },
    })
    uploadOnly = made.JWT
    pages = await serveForeignPage('front-end.ts')
    browser = await launchBrowser()
    page = await browser.newPage()
    await page.goto(pages.url)
    await page.getByText('idle').waitFor()
  })

  afterAll(async () => {
    await browser.close()
    pages.close()
    await server.stop()
    await removeData(server)
  })

  // oxlint-disable-next-line no-explicit-any -- answers of several shapes
  async function ask(method: string, path: string, jwt: string, json?: object): Promise<any> {
    const answer = await fetch(`${server.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
    return answer.json()
  }

  async function expectFile(cid: string, sha256: string, sizeBytes: number) {
    const { data } = await ask('GET', `/v3/files/private?cid=${cid}`, server.key.JWT)
    expect(data.files).toHaveLength(1)
    expect(data.files[0].size).toBe(sizeBytes)
    const content = await fetch(`${server.apiUrl}/pinyon/v1/files/${data.files[0].id}/content`, {
      headers: { authorization: `Bearer ${server.key.JWT}` },
    })
    const hash = createHash('sha256')
    if (content.body === null) throw new Error('the content has no body')
    for await (const piece of content.body) hash.update(piece)
    expect(hash.digest('hex')).toBe(sha256)
  }

  it.each([
    ['a small file', 100_000],
    ['200 MB', 200 * mib],
  ])(
    'uploads %s through the React hook of the SDK with a key that may do nothing else, with progress',
    async (_, sizeBytes) => {
      const { cid, sha256, progress } = await page.evaluate(
        async ([size, api, jwt]) => {
          const made = await frontEnd.makeFile(size)
          frontEnd.progress = []
          // The hook sends no credential: the page has its key sign a link, which can do no more than upload either.
          const signed = await fetch(`${api}/v3/files/sign`, {
            method: 'POST',
            headers: { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' },
            body: JSON.stringify({ expires: 300, network: 'private', max_file_size: size }),
          })
          const { data: url } = (await signed.json()) as { data: string }
          await frontEnd.hook.upload(made.file, 'private', url)
          // Its state is that of the next rendering.
          while (frontEnd.hook.loading || (frontEnd.hook.uploadResponse ?? frontEnd.hook.error) === null)
            await new Promise((resolve) => requestAnimationFrame(resolve))
          const { uploadResponse: response, error } = frontEnd.hook
          while (error === null && frontEnd.progress.at(-1) !== 100)
            await new Promise((resolve) => requestAnimationFrame(resolve))
          if (error !== null || response === null) throw error ?? new Error('nothing came')
          const answered = typeof response === 'string' ? response : response.cid
          return { cid: answered, sha256: made.sha256, progress: frontEnd.progress }
        },
        [sizeBytes, server.apiUrl, uploadOnly] as const,
      )
      await expectFile(cid, sha256, sizeBytes)
      expect(progress.at(-1)).toBe(100)
      if (sizeBytes > 100 * mib) expect(progress.length).toBeGreaterThan(3)
    },
  )

  describe.each(['tus', 'uppy'] as const)('by the resumable client %s, unmodified,', (client) => {
    it.each([
      ['a small file', 70_000],
      ['200 MB', 200 * mib],
    ])('uploads %s with a key that may do nothing else, with progress', async (_, sizeBytes) => {
      const { cid, sha256, progress } = await page.evaluate(
        async ([name, size, api, jwt]) => {
          const { file, sha256: hash } = await frontEnd.makeFile(size)
          return { ...(await frontEnd[name](file, api, jwt)), sha256: hash }
        },
        [client, sizeBytes, server.apiUrl, uploadOnly] as const,
      )
      await expectFile(cid, sha256, sizeBytes)
      expect(progress.at(-1)).toBe(sizeBytes)
      expect(progress).toEqual(progress.toSorted((a, b) => a - b))
      if (sizeBytes > 100 * mib) expect(progress.length).toBeGreaterThan(3)
    })

    it('shows the words of a refusal', async () => {
      const refused = await page.evaluate(
        async ([name, api]) => {
          const { file } = await frontEnd.makeFile(10)
          return frontEnd[name](file, api, 'not.a.key').then(
            () => 'it was taken',
            (error: unknown) => String(error),
          )
        },
        [client, server.apiUrl] as const,
      )
      expect(refused).toContain('response code: 401')
      expect(refused).toContain('INVALID_CREDENTIALS')
    })
  })

  it('uploads small and large by plain fetch, with a key that may do nothing else', async () => {
    for (const sizeBytes of [50_000, 200 * mib]) {
      const { cid, sha256 } = await page.evaluate(
        async ([size, api, jwt]) => {
          const { file, sha256: hash } = await frontEnd.makeFile(size)
          const headers = { authorization: `Bearer ${jwt}` }
          if (size < 1_000_000) {
            const form = new FormData()
            form.append('file', file)
            const answer = await fetch(`${api}/v3/files`, { method: 'POST', headers, body: form })
            const { data } = (await answer.json()) as { data: { cid: string } }
            return { cid: data.cid, sha256: hash }
          }
          const begun = await fetch(`${api}/v3/files`, {
            method: 'POST',
            headers: { ...headers, 'tus-resumable': '1.0.0', 'upload-length': String(size) },
          })
          const location = begun.headers.get('location') ?? ''
          let made: string | null = null
          for (let offset = 0; offset < size; offset += 64 * 1024 * 1024) {
            const chunk = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) }
            const body = file.slice(offset, offset + 64 * 1024 * 1024)
            const answer = await fetch(location, { method: 'PATCH', headers: { ...headers, ...chunk }, body })
            made = answer.headers.get('upload-cid')
          }
          return { cid: made ?? 'none', sha256: hash }
        },
        [sizeBytes, server.apiUrl, uploadOnly] as const,
      )
      await expectFile(cid, sha256, sizeBytes)
    }
    expect((await ask('GET', '/v3/files/private', uploadOnly)).error?.code).toBe(403)
    const download = { url: `${server.gatewayUrl}/files/bafkqaaa`, date: 1, expires: 60, method: 'GET' }
    expect((await ask('POST', '/v3/files/sign', uploadOnly, download)).error?.code).toBe(403)
  })
})
