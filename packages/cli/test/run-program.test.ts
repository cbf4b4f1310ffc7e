import { readdir } from 'node:fs/promises'
import { createServer as createWebServer } from 'node:http'
import { connect, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { once } from 'node:events'
import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './support/server.ts'

let server: TestServer
let jwt: string

beforeAll(async () => {
  server = await startServer()
  await server.setUp()
  jwt = (await server.json(['keys', 'create', 'all', '--admin'])).JWT
})
afterAll(() => server.close())

/** Runs JavaScript under `./pinyon run`; it finds the JWT in its environment. */
const runScript = (script: string, options: string[] = [], env: Record<string, string> = {}) =>
  server.run(['run', ...options, '--', process.execPath, '-e', script], { env: { PINATA_JWT: jwt, ...env } })

const authorization = '{ headers: { authorization: `Bearer ${process.env.PINATA_JWT}` } }'

describe('./pinyon run', { timeout: 60_000 }, () => {
  it('leads fetch, https and plain http of Node to this server under each of Pinata’s names', async () => {
    const { stdout, stderr } = await runScript(`
      const https = require('node:https'), http = require('node:http')
      const get = (module, url, options = {}) => new Promise((resolve, reject) =>
        module.get(url, options, (answer) => { answer.resume(); resolve(answer.statusCode) }).on('error', reject))
      ;(async () => {
        const answer = await fetch('https://api.pinata.cloud/data/testAuthentication', ${authorization})
        console.log((await answer.json()).message)
        console.log(await get(https, 'https://uploads.pinata.cloud/v3/files/public', ${authorization}))
        console.log(await get(https, 'https://gateway.pinata.cloud/ipfs/bafkqabtimvwgy3yk', { agent: new https.Agent() }))
        console.log(await get(https, 'https://mine.mypinata.cloud/ipfs/bafkqabtimvwgy3yk'))
        console.log(await get(http, 'http://gateway.pinata.cloud/ipfs/bafkqabtimvwgy3yk'))
      })()`)
    expect(stdout.trim().split('\n'), stderr).toEqual([
      'Congratulations! You are communicating with the Pinata API!',
      '200',
      '200',
      '200',
      '200',
    ])
  })

  it('leads cURL there, uploads and refusals included', async () => {
    const curl = (...args: string[]) =>
      server.run(['run', '--', 'curl', '-sS', '-H', `Authorization: Bearer ${jwt}`, ...args])
    const uploaded = await curl(
      '-F',
      'network=public',
      '-F',
      'file=hello;filename=a.txt',
      'https://uploads.pinata.cloud/v3/files',
    )
    expect(JSON.parse(uploaded.stdout).data, uploaded.stderr).toMatchObject({ name: 'a.txt', size: 5 })
    const refused = await server.run(['run', '--', 'curl', '-sS', 'https://api.pinata.cloud/data/pinList'])
    expect(JSON.parse(refused.stdout).error.reason).toBe('INVALID_CREDENTIALS')
  })

  it('shows a certificate of the installation’s own authority', async () => {
    const { stdout } = await runScript(`
      const socket = require('node:tls').connect(443, 'api.pinata.cloud', { servername: 'api.pinata.cloud' }, () => {
        console.log(JSON.stringify(socket.getPeerCertificate().raw.toString('base64')))
        socket.end()
      })`)
    const authority = new X509Certificate((await server.run(['tls', 'ca'])).stdout)
    expect(new X509Certificate(Buffer.from(JSON.parse(stdout), 'base64')).checkIssued(authority)).toBe(true)
    expect(authority.ca).toBe(true)
  })

  it('hands on exit code, signals and what cannot be started, and leaves no files', async () => {
    const kept = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('pinyon-run-'))
    const before = await kept()
    expect((await server.run(['run', '--', 'sh', '-c', 'exit 7'])).code).toBe(7)
    // Ended by the same signal: a shell sees 143.
    const shell = `'${process.execPath}' '${cliMain}' run -- sh -c 'kill -TERM $$'; echo $?`
    expect((await server.run(['run', '--', 'sh', '-c', shell])).stdout.trim()).toBe('143')
    const absent = await server.run(['run', '--', 'no-such-program'])
    expect([absent.code, absent.stderr]).toEqual([127, 'There is no program "no-such-program".\n'])
    expect(await kept()).toEqual(before)
    const none = await server.run(['run'])
    expect(none.code).toBe(2)
  })

  it('gives a signal to the program, which decides when it ends', async () => {
    const script = `process.on('SIGTERM', () => { console.log('told'); process.exit(5) }); console.log(process.ppid); setInterval(() => {}, 1000)
      process.kill(process.ppid, 'SIGTERM')`
    const { code, stdout } = await runScript(script)
    expect([code, stdout.trim().split('\n').at(-1)]).toEqual([5, 'told'])
  })

  describe('beside Pinata’s hosts', () => {
    let other: Server
    let port: number
    const asked: string[] = []
    beforeAll(async () => {
      other = createWebServer((request, response) => response.end(`other ${request.url}`))
      port = await listen(other)
    })
    afterAll(() => other.close())

    /** CONNECT by hand, as any program with a proxy does it. */
    const throughProxy = `
      const { hostname, port, username, password } = new URL(process.env.HTTPS_PROXY)
      const basic = Buffer.from(username + ':' + (process.env.WRONG ?? password)).toString('base64')
      const socket = require('node:net').connect(port, hostname, () =>
        socket.write('CONNECT ' + process.argv[1] + ' HTTP/1.1\\r\\nProxy-Authorization: Basic ' + basic + '\\r\\n\\r\\n'))
      socket.once('data', (first) => {
        console.log(String(first).split('\\r\\n')[0])
        socket.on('data', (more) => { console.log(String(more).split('\\r\\n').at(-1)); socket.destroy() })
        socket.write('GET /path HTTP/1.1\\r\\nhost: here\\r\\n\\r\\n')
      })`
    const tunnel = (options: string[] = [], env: Record<string, string> = {}) =>
      server.run(['run', ...options, '--', process.execPath, '-e', throughProxy, `127.0.0.1:${port}`], { env })

    it('lets everything through as it is', async () => {
      expect((await tunnel()).stdout.trim().split('\n')).toEqual(['HTTP/1.1 200 Connection established', 'other /path'])
      const { stdout } = await runScript(`fetch('http://127.0.0.1:${port}/x').then((a) => a.text()).then(console.log)`)
      expect(stdout.trim()).toBe('other /x')
    })

    it('asks everybody but the program for a password, and clients heed it', async () => {
      expect((await tunnel([], { WRONG: 'guessed' })).stdout.trim()).toBe('HTTP/1.1 407 Proxy Authentication Required')
      const open = 'new URL(process.env.HTTP_PROXY).origin'
      const plain = await runScript(`
        const proxy = new URL(${open}), path = 'http://api.pinata.cloud/data/testAuthentication'
        require('node:http').get({ host: proxy.hostname, port: proxy.port, path }, (answer) => {
          answer.resume(); console.log(answer.statusCode, answer.headers['proxy-authenticate'])
        })`)
      expect(plain.stdout.trim()).toBe('407 Basic realm="pinyon run"')
      const heeded = { NO_PROXY: '', NODE_OPTIONS: '', NODE_USE_ENV_PROXY: '1' }
      const bare = await runScript(
        `process.env.NODE_OPTIONS = ''
        require('node:child_process').spawnSync(process.execPath, ['-e',
          "fetch('https://api.pinata.cloud/data/testAuthentication', ${authorization.replaceAll('`', '\\`').replaceAll('$', '\\$')}).then((a) => console.log(a.status))"
        ], { stdio: 'inherit', env: { ...process.env, NODE_USE_ENV_PROXY: '1' } })`,
        [],
        heeded,
      )
      expect(bare.stdout.trim(), bare.stderr).toBe('200')
    })

    it('refuses it with --only, and says so', async () => {
      expect((await tunnel(['--only'])).stdout).toContain('HTTP/1.1 403')
      const { stdout } = await runScript(
        "fetch('https://example.org').catch(({ cause }) => console.log(cause.message))",
        ['--only'],
      )
      expect(stdout.trim()).toBe(
        "example.org is none of Pinata's hosts, and ./pinyon run --only lets nothing else through.",
      )
    })

    it('goes by the proxy that the user’s own environment names, but never past the stand-in', async () => {
      const proxy = createWebServer()
      proxy.on('connect', (request, socket) => {
        asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`)
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        const far = connect(port, '127.0.0.1')
        socket.pipe(far).pipe(socket)
        for (const each of [socket, far]) each.on('error', () => undefined)
      })
      const proxyPort = await listen(proxy)
      const env = { HTTPS_PROXY: `http://me:secret@127.0.0.1:${proxyPort}`, NO_PROXY: 'example.net,pinata.cloud,*' }
      const script = throughProxy.replace('process.argv[1]', "'example.org:443'")
      const { stdout } = await server.run(['run', '--', process.execPath, '-e', script], {
        env: { ...env, NO_PROXY: 'example.net' },
      })
      expect(stdout.trim().split('\n')).toEqual(['HTTP/1.1 200 Connection established', 'other /path'])
      const basic = Buffer.from('me:secret').toString('base64')
      expect(asked).toEqual([`example.org:443 Basic ${basic}`])
      const rules = await runScript('console.log(process.env.NO_PROXY)', [], env)
      expect(rules.stdout.trim()).toBe('localhost,127.0.0.1,::1,example.net')
      proxy.close()
    })
  })
})

describe('./pinyon ephemeral', { timeout: 60_000 }, () => {
  const script = `
    const { PINATA_JWT, PINYON_API, PINYON_GATEWAY_URL } = process.env
    const ask = (url) => fetch(url, { headers: { authorization: 'Bearer ' + PINATA_JWT } }).then((answer) => answer.status)
    ;(async () => {
      console.log(await ask(PINYON_API + '/data/testAuthentication'), await ask(PINYON_GATEWAY_URL + '/ipfs/bafkqabtimvwgy3yk'))
      process.exit(9)
    })()`
  const leftovers = async () =>
    (await readdir(tmpdir())).filter((name) => /^pinyon-(ephemeral|run)-/.test(name)).toSorted()

  it.each([[[]], [['--tls']]])('serves a program, ends as it ends and leaves nothing %j', async (options) => {
    const before = await leftovers()
    const { code, stdout, stderr } = await server.run(['ephemeral', ...options, '--', process.execPath, '-e', script])
    expect([code, stdout.trim()], stderr).toEqual([9, '200 200'])
    expect((await leftovers()).filter((name) => !before.includes(name))).toEqual([])
  })

  it('lets programs with compiled-in hosts reach it by run', async () => {
    const inner = [process.execPath, cliMain, 'run', '--', 'curl', '-sS', 'https://api.pinata.cloud/health/ready']
    const { stdout, stderr } = await server.run(['ephemeral', '--', ...inner])
    expect(stdout, stderr).toBe('{"status":"ready"}')
  })
})

const cliMain = new URL('../src/main.ts', import.meta.url).pathname

async function listen(which: Server): Promise<number> {
  which.listen(0, '127.0.0.1')
  await once(which, 'listening')
  return (which.address() as AddressInfo).port // it listens on TCP
}
