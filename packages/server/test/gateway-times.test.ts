import { randomBytes } from 'node:crypto'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { databases, startTestApp } from './support/app.ts'
import { BlockOrigin } from './support/block-origin.ts'
import { upload } from './support/content.ts'
import { rawAsk, rawConnect } from './support/raw-http.ts'

const mebibyte = 1024 * 1024

describe.each(databases)('times of the gateway on %s', { timeout: 120_000 }, (database) => {
  async function start(env: Record<string, string>) {
    const app = await startTestApp({ database, env })
    onTestFinished(() => app.close())
    return { app, key: await app.setUp() }
  }

  it('end an answer that does not begin in time, in words, whatever it waits for', async () => {
    const origin = await BlockOrigin.start()
    origin.absent = 'hangs'
    onTestFinished(() => origin.close())
    const { app, key } = await start({
      PINYON_GATEWAY_FIRST_BYTE: '1',
      PINYON_GATEWAY_OPEN: 'on',
      PINYON_IPFS_GATEWAYS: origin.url,
    })
    const { cid } = await upload(app, key, [['t.bin', randomBytes(400_000)]])
    const elsewhere = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
    const read = vi.spyOn(app.services.packs, 'read').mockReturnValue(new Promise(() => {}))
    const asked = [['GET', cid], ['HEAD', cid], ['GET', `${cid}?format=car`], ['GET', elsewhere]] as const // prettier-ignore
    for (const [method, path] of asked) {
      const { status, headers, text } = await rawAsk(app.gatewayUrl, method, `/ipfs/${path}`)
      expect([method, path, status]).toEqual([method, path, 504])
      expect(headers).toMatchObject({
        'retry-after': expect.stringMatching(/^[13]0$/),
        'cache-control': 'no-store',
        'access-control-allow-origin': '*',
      })
      expect(text).toMatch(method === 'HEAD' ? /^$/ : /within 1 s|in time/)
    }
    read.mockRestore()
    const whole = async () => (await rawAsk(app.gatewayUrl, 'GET', `/ipfs/${cid}`)).body.length
    await expect.poll(whole, { timeout: 60_000 }).toBe(400_000)
    expect(app.log()).not.toContain('gateway request failed')
  })

  it('cut a client that takes nothing of its answer', async () => {
    const { app, key } = await start({ PINYON_GATEWAY_STALL: '2' })
    const { cid } = await upload(app, key, [['s.bin', randomBytes(24 * mebibyte)]])
    const connection = await rawConnect(app.gatewayUrl)
    connection.socket.pause()
    connection.socket.write(`GET /ipfs/${cid} HTTP/1.1\r\nHost: x\r\n\r\n`)
    // It is counted when it ends, whichever way.
    const counted = async () => app.services.metrics.registry.metrics()
    await expect
      .poll(counted, { timeout: 60_000 })
      .toMatch(/^pinyon_http_requests_total\{route="gateway",status="200"\} 1$/m)
    connection.socket.resume()
    const { text } = await connection.closed()
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(text.length).toBeLessThan(24 * mebibyte)
  })
})
