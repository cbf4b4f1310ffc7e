import { Writable } from 'node:stream'
import { openApp } from '../../packages/server/src/app.ts'
import { readConfig } from '../../packages/server/src/config/read-config.ts'
import { openLog } from '../../packages/server/src/lib/log.ts'

/** The program on a data directory, in this process. */
export interface OpenedHere {
  readonly apiUrl: string
  readonly gatewayUrl: string
  /** Everything it logged. */
  output(): string
  close(): Promise<void>
}

/**
 * Opens the program as its main file does, but in this process, which has compiled it already: for many data directories
 * that a process left, each of which costs a second of computing otherwise. Throws when it refuses to start.
 */
export async function openHere(dataDir: string): Promise<OpenedHere> {
  let output = ''
  const to = new Writable({
    write(chunk: Buffer, _encoding, done) {
      output += chunk.toString()
      done()
    },
  })
  const env = {
    PINYON_DATA_DIR: dataDir,
    PINYON_API_LISTEN: '127.0.0.1:0',
    PINYON_GATEWAY_LISTEN: '127.0.0.1:0',
    PINYON_METRICS_LISTEN: 'off',
    PINYON_IPFS: 'off',
    PINYON_RATE_LIMITS: 'off',
    PINYON_DIAL_PRIVATE: '127.0.0.0/8',
  }
  const config = readConfig(env, { cwd: dataDir, terminal: false })
  const app = await openApp(config, openLog({ level: 'info', readable: false, to }))
  const { apiUrl, gatewayUrl } = app.services.installation
  return { apiUrl, gatewayUrl, output: () => output, close: () => app.close() }
}
