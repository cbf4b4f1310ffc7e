import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'
import { startPinyon } from '@pinyon/testing'
import { expect, it } from 'vitest'

const congratulations = 'Congratulations! You are communicating with the Pinata API!'

it('starts a server with a key, keeps it apart from others, and leaves nothing behind', async () => {
  const one = await startPinyon()
  const other = await startPinyon({ env: { PINYON_TEST_AUTHENTICATION: 'any' } })
  const ask = (base: string, jwt: string) =>
    fetch(`${base}/data/testAuthentication`, { headers: { authorization: `Bearer ${jwt}` } })
  expect(await (await ask(one.urls.api, one.key.jwt)).json()).toEqual({ message: congratulations })
  expect((await ask(one.urls.api, other.key.jwt)).status).toBe(401)
  expect(one.env).toMatchObject({
    PINATA_JWT: one.key.jwt,
    PINATA_API_KEY: one.key.apiKey,
    PINATA_API_SECRET: one.key.apiSecret,
    PINYON_API: one.urls.api,
    PINYON_GATEWAY_URL: one.urls.gateway,
  })
  expect((await fetch(`${one.urls.gateway}/ipfs/bafkqabtimvwgy3yk`)).status).toBe(200)
  await one.stop()
  await other.stop()
  await expect(fetch(one.urls.api)).rejects.toThrow('fetch failed')
})

it('speaks HTTPS when told to, by an authority that it names', async () => {
  const server = await startPinyon({ tls: true })
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request(`${server.urls.api}/health/ready`, { ca: server.authority ?? '', agent: false }, resolve)
    .on('error', reject)
    .end()
  expect(await text(await promise)).toBe('{"status":"ready"}')
  const dir = dirname(server.env['PINYON_CA'] ?? '/')
  expect(existsSync(dir)).toBe(true)
  await server.stop()
  expect(existsSync(dir)).toBe(false)
})

it('says what the server says when that does not start', async () => {
  await expect(startPinyon({ env: { PINYON_PIN_IDLE: 'soon' } })).rejects.toThrow(
    /Pinyon did not start.*[\s\S]*PINYON_PIN_IDLE must be a whole number/,
  )
})
