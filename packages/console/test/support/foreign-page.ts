import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build, type Rolldown } from 'vite'

/** A page that is served somewhere else than the API. */
export interface ForeignPage {
  readonly url: string
  close(): void
}

/** Bundles a script of this folder and serves a page with it on an origin of its own. */
export async function serveForeignPage(script: string): Promise<ForeignPage> {
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      lib: { entry: fileURLToPath(new URL(script, import.meta.url)), formats: ['iife'], name: 'page' },
    },
  })) as Rolldown.RolldownOutput[] // what a library is built to
  const [chunk] = built[0]?.output ?? []
  const pages = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? chunk?.code : '<!doctype html><body></body><script src="/page.js"></script>')
  })
  await once(pages.listen(0, '127.0.0.1'), 'listening')
  const { port } = pages.address() as AddressInfo // it listens on TCP
  return { url: `http://localhost:${port}/`, close: () => void pages.close() }
}
