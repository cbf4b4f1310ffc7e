import { readFile, writeFile } from 'node:fs/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runUppyInBrowser } from '../packages/console/test/support/run-uppy.ts'
import { authorityOf, clientPrograms, installClients, type InstalledClients } from './support/clients.ts'
import { renderCompatibility, type ClientResult } from './support/compatibility.ts'
import { removeData, setUp, startServer, type KeyValues, type TestServer } from './support/server.ts'

const page = fileURLToPath(new URL('../docs/compatibility.md', import.meta.url))

let clients: InstalledClients
const results: ClientResult[] = []

beforeAll(async () => {
  clients = await installClients()
}, 300_000)
afterAll(() => clients.remove())

describe('unmodified, against this server,', () => {
  it.each(clientPrograms)('$name does every operation it has', { timeout: 300_000 }, async (client) => {
    // The SDKs read from gateways by HTTPS only.
    const server = await startServer({ env: { PINYON_TLS: 'local' } })
    const steps = await clients.run(client, server, await setUpSecurely(server))
    await server.stop()
    await removeData(server)
    results.push({ client, steps })
    expect(steps.length).toBeGreaterThan(10)
    expect(steps.filter(({ outcome }) => outcome === 'fails')).toEqual([])
  })

  it('Uppy does every operation it has, on a page of another origin', { timeout: 300_000 }, async () => {
    const server = await startServer({ env: { PINYON_TLS: 'local' } })
    const { JWT: jwt } = await setUpSecurely(server)
    const steps = await runUppyInBrowser({ api: server.apiUrl, jwt })
    await server.stop()
    await removeData(server)
    results.push({ client: { name: 'npm @uppy/core 6.3.1 with @uppy/tus 6.0.0', change: '`endpoint`' }, steps })
    expect(steps.length).toBeGreaterThan(10)
    expect(steps.filter(({ outcome }) => outcome === 'fails')).toEqual([])
  })

  it('and docs/compatibility.md says what they came to', async () => {
    const rendered = renderCompatibility(results)
    if (process.env['UPDATE_COMPATIBILITY'] === '1') await writeFile(page, rendered)
    expect(await readFile(page, 'utf8'), 'npm run compatibility writes it anew').toBe(rendered)
  })
})

/** Set-up by a program that trusts the installation's authority, as every program here does. */
async function setUpSecurely(server: TestServer): Promise<KeyValues> {
  setDefaultCACertificates([...getCACertificates('default'), await authorityOf(server)])
  return setUp(server)
}
