import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { issueCertificate, makeAuthority } from '../../src/tls/certificates.ts'

/** Whether there is an nginx to try `deploy/nginx.conf` with. */
export function hasNginx(): boolean {
  return spawnSync('nginx', ['-v'], { env: { PATH: searchPath } }).status === 0
}

const searchPath = `${process.env['PATH']}:/usr/sbin`

/** Names that the file has, and where they lead in a test. */
export const names = { api: 'pin.example.org', gateway: 'ipfs.example.org' } as const

/** An nginx with the configuration of `deploy/`, on a free port. */
export interface Nginx {
  /** Of TLS. */
  readonly port: number
  readonly plainPort: number
  readonly ca: string
  /** What it complained of. */
  complaints(): Promise<string>
  close(): Promise<void>
}

/** A port that nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  server.close()
  await once(server, 'close')
  return port
}

/** Starts it with the file as it is, but for ports, certificates and what it leads to. `edit` breaks the file. */
export async function startNginx(
  port: number,
  { api, gateway }: { api: string; gateway: string },
  edit: (text: string) => string = (text) => text,
): Promise<Nginx> {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-nginx-'))
  const plainPort = await freePort()
  const authority = await makeAuthority('authority of the test', Date.now())
  const pair = await issueCertificate(authority, [names.api, names.gateway], Date.now())
  await writeFile(join(dir, 'cert.pem'), pair.cert)
  await writeFile(join(dir, 'key.pem'), pair.key)
  const file = await readFile(join(import.meta.dirname, '../../../../deploy/nginx.conf'), 'utf8')
  const ours = edit(file)
    .replaceAll(/listen 443 ssl/g, `listen 127.0.0.1:${port} ssl`)
    .replaceAll(/listen 80;/g, `listen 127.0.0.1:${plainPort};`)
    .replaceAll(/\/etc\/letsencrypt\/live\/[^/]+\/fullchain\.pem/g, join(dir, 'cert.pem'))
    .replaceAll(/\/etc\/letsencrypt\/live\/[^/]+\/privkey\.pem/g, join(dir, 'key.pem'))
    .replaceAll('127.0.0.1:8400', new URL(api).host)
    .replaceAll('127.0.0.1:8480', new URL(gateway).host)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  for (const name of temporary) await mkdir(join(dir, name), { mode: 0o777 })
  const paths = temporary.map((name) => `${name}_temp_path ${join(dir, name)};`).join('\n')
  await writeFile(
    join(dir, 'nginx.conf'),
    `daemon off;\npid ${dir}/pid;\nerror_log ${dir}/error.log warn;\nworker_processes 1;\nevents {}\nhttp {\naccess_log off;\n${paths}\n${ours}\n}\n`,
  )
  const child = spawn('nginx', ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')], {
    env: { PATH: searchPath },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const complaints = () => readFile(join(dir, 'error.log'), 'utf8')
  try {
    await listening(child, port)
  } catch (error) {
    throw new Error(`nginx did not start: ${await complaints()}`, { cause: error })
  }
  return {
    port,
    plainPort,
    ca: authority.cert,
    complaints,
    async close() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; child.exitCode === null && tries < 600; tries++) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    // There is no other way to learn that it listens.
    await sleep(50)
  }
  throw new Error('it does not listen')
}
