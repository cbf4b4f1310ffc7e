import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { request } from 'node:http'

type Env = Readonly<Record<string, string | undefined>>

/** The proxy that an environment names for an address, by the usual variables; undefined for none. Throws on nonsense. */
export function proxyOf(env: Env): (url: URL) => URL | undefined {
  const read = (name: string) => env[name.toLowerCase()] ?? env[name.toUpperCase()] ?? ''
  const rest = read('NO_PROXY')
    .split(/[\s,]+/)
    .map((entry) => entry.toLowerCase().replace(/^\*?\./, ''))
    .filter((entry) => entry !== '')
  return ({ protocol, hostname }) => {
    const named = protocol === 'https:' ? read('HTTPS_PROXY') : read('HTTP_PROXY')
    if (named === '' || /^(localhost|127\..*|\[::1\])$/.test(hostname)) return undefined
    if (rest.some((entry) => entry === '*' || hostname === entry || hostname.endsWith(`.${entry}`))) return undefined
    return new URL(/^[a-z][a-z\d+.-]*:\/\//i.test(named) ? named : `http://${named}`)
  }
}

/** A connection to `authority` through another proxy (RFC 9110 section 9.3.6). Rejects when that refuses. */
export async function connectBeyond(proxy: URL, authority: string): Promise<Socket> {
  const isSecure = proxy.protocol === 'https:'
  const host = proxy.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = Number(proxy.port === '' ? (isSecure ? 443 : 80) : proxy.port)
  const credentials = [proxy.username, proxy.password].map((part) => decodeURIComponent(part)).join(':')
  const asked = request({
    createConnection: () => (isSecure ? connectSecurely({ port, host, servername: host }) : connect({ port, host })),
    method: 'CONNECT',
    path: authority,
    headers: {
      host: authority,
      ...(credentials === ':' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
  })
  asked.end()
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  asked.once('error', reject)
  asked.once('connect', (answer, socket, head) => {
    if (answer.statusCode !== 200) {
      socket.destroy()
      reject(new Error(`the proxy ${proxy.host} answers ${answer.statusCode}`))
      return
    }
    if (head.length > 0) socket.unshift(head)
    resolve(socket)
  })
  asked.once('response', (answer) => {
    answer.destroy()
    reject(new Error(`the proxy ${proxy.host} answers ${answer.statusCode}`))
  })
  return promise
}
