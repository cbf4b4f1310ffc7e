import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { ConfigError } from '../src/config/config-error.ts'
import { listening } from '../src/open-listener.ts'

/** Listens as Node does, and fails as it does. */
async function open(host: string, port: number) {
  const server = createServer()
  onTestFinished(() => void server.close())
  server.listen(port, host)
  await once(server, 'listening')
  return { host, port: (server.address() as AddressInfo).port, close: () => Promise.resolve(void server.close()) } // of TCP
}

it('a port that is taken is named with its setting', async () => {
  const { port } = await open('127.0.0.1', 0)
  const refused = listening('PINYON_API_LISTEN', () => open('127.0.0.1', port))
  await expect(refused).rejects.toThrow(ConfigError)
  await expect(refused).rejects.toThrow(/PINYON_API_LISTEN: .*EADDRINUSE.*PINYON_API_LISTEN=127\.0\.0\.1:PORT/)
})

it('an address of another machine, and a name that leads nowhere, are named with their setting', async () => {
  // RFC 5737 and RFC 2606: neither is anybody's.
  for (const host of ['192.0.2.1', 'pinyon.invalid']) {
    const refused = listening('PINYON_GATEWAY_LISTEN', () => open(host, 0))
    await expect(refused, host).rejects.toThrow(ConfigError)
    await expect(refused, host).rejects.toThrow(/^PINYON_GATEWAY_LISTEN: /)
  }
})

it('whatever is wrong with the address is named with its setting, and nothing else is', async () => {
  const refused = (code: string) =>
    listening('PINYON_API_LISTEN', () => Promise.reject(Object.assign(new Error(`said ${code}`), { code })))
  // Which of them a name or an address gives is for the machine and its name server to say.
  for (const code of ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTFOUND', 'EAI_AGAIN']) {
    await expect(refused(code), code).rejects.toThrow(ConfigError)
    await expect(refused(code), code).rejects.toThrow(`PINYON_API_LISTEN: said ${code}. Choose another address`)
  }
  await expect(refused('EMFILE')).rejects.not.toThrow(ConfigError)
  await expect(refused('EMFILE')).rejects.toThrow(/^said EMFILE$/)
})
