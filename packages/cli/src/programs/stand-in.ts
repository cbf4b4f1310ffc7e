import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Pair } from '@pinyon/server/tls/certificates.ts'
import { forward, refuse } from './forward.ts'
import { isPinataHost, targetOf, type Targets } from './pinata-hosts.ts'
import { connectBeyond } from './proxy-beyond.ts'

/** What stands in for Pinata's hosts on loopback. */
export interface StandIn {
  /** A proxy of HTTP: CONNECT, and addresses in full. */
  readonly proxyPort: number
  /** What the proxy asks for, `user:password`: others on this machine must not go out by it. */
  readonly proxyCredential: string
  /** The hosts themselves over TLS, for programs that are led there without a proxy. */
  readonly tlsPort: number
  close(): Promise<void>
}

/** What is let through beside Pinata's hosts, and by which way. */
export interface Beyond {
  /** Nothing is. */
  readonly only: boolean
  /** The proxy that the user's own environment names. */
  readonly proxyFor: (url: URL) => URL | undefined
}

/**
 * Opens a proxy on loopback, with a password of its own, that answers for Pinata's hosts with this server, by a certificate of `pair`, and lets
 * everything else through as it is, or refuses it. Nothing is kept of what passes.
 */
export async function openStandIn(targets: Targets, pair: Pair, beyond: Beyond): Promise<StandIn> {
  const proxyCredential = `run:${randomBytes(16).toString('hex')}`
  const expected = Buffer.from(`Basic ${Buffer.from(proxyCredential).toString('base64')}`)
  const isLetIn = ({ headers }: IncomingMessage): boolean => {
    const given = Buffer.from(headers['proxy-authorization'] ?? '')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }
  const sockets = new Set<Duplex>()
  const follow = (socket: Duplex) => {
    sockets.add(socket)
    // Whoever goes away goes; the other side is told by the end of the stream.
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket))
  }
  const secure = createSecureServer({ ...pair, requestTimeout: 0 }, (request, response) =>
    standIn(targets, request, response, `https://${request.headers.host ?? ''}`),
  )
  const proxy = createServer({ requestTimeout: 0 }, (request, response) => {
    const address = request.url ?? ''
    const url = /^https?:\/\//i.test(address)
      ? new URL(address)
      : new URL(`http://${request.headers.host ?? 'localhost'}`)
    const origin = /^https?:\/\/[^/?#]*/i.exec(address)?.[0] ?? ''
    request.url = address.slice(origin.length).replace(/^(?=\?|$)/, '/')
    // Node programs are led here without a proxy, and without what it asks for; they get nowhere else.
    if (origin === '' && isPinataHost(url.hostname)) standIn(targets, request, response, url.origin)
    else if (origin !== '' && !isLetIn(request)) askForPassword(response)
    else if (isPinataHost(url.hostname)) standIn(targets, request, response, url.origin)
    else if (origin === '') refuse(response, 400, 'This is the proxy of ./pinyon run. It has no pages of its own.')
    else if (beyond.only) refuse(response, 403, onlyWords(url.hostname))
    else forward(request, response, { origin: url.origin, path: request.url })
  })
  proxy.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    follow(socket)
    if (!isLetIn(request)) {
      socket.end(passwordWanted)
      return
    }
    const url = new URL(`https://${request.url ?? ''}`)
    if (isPinataHost(url.hostname)) {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length > 0) socket.unshift(head)
      secure.emit('connection', socket)
    } else if (beyond.only) refuseTunnel(socket, 403, onlyWords(url.hostname))
    else void tunnel(url, socket, head, beyond, follow)
  })
  for (const server of [secure, proxy]) {
    server.on('connection', follow)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  return {
    proxyPort: portOf(proxy),
    proxyCredential,
    tlsPort: portOf(secure),
    async close() {
      const closed = Promise.all([once(proxy, 'close'), once(secure, 'close')])
      proxy.close()
      secure.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** RFC 9110 section 15.5.8. Clients that send the password only when they are asked for it come again. */
const challenge = 'Basic realm="pinyon run"'
const passwordWanted = `HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: ${challenge}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`

function askForPassword(response: ServerResponse): void {
  response.setHeader('proxy-authenticate', challenge)
  refuse(response, 407, 'This is the proxy of ./pinyon run, for the program that it runs alone.')
}

function standIn(targets: Targets, request: IncomingMessage, response: ServerResponse, shownOrigin: string): void {
  const host = new URL(shownOrigin).hostname
  if (!isPinataHost(host)) {
    refuse(response, 421, `${host} is none of Pinata's hosts.`)
    return
  }
  const origin = targetOf(host, targets)
  if (origin === undefined)
    refuse(response, 502, `No gateway is known to stand in for ${host}. Name it: ./pinyon run --gateway URL -- …`)
  else forward(request, response, { origin, path: request.url ?? '/', shownOrigin })
}

async function tunnel(
  url: URL,
  socket: Duplex,
  head: Buffer,
  beyond: Beyond,
  follow: (socket: Duplex) => void,
): Promise<void> {
  let far: Socket
  try {
    const proxy = beyond.proxyFor(url)
    const port = Number(url.port === '' ? 443 : url.port)
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    far = proxy === undefined ? connect(port, host) : await connectBeyond(proxy, `${url.hostname}:${port}`)
    if (far.connecting) await once(far, 'connect')
  } catch (error) {
    refuseTunnel(
      socket,
      502,
      `${url.hostname} does not answer (${error instanceof Error ? error.message : 'unknown'}).`,
    )
    return
  }
  follow(far)
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
  if (head.length > 0) far.write(head)
  far.pipe(socket).pipe(far)
  far.once('close', () => socket.destroy())
  socket.once('close', () => far.destroy())
}

function refuseTunnel(socket: Duplex, status: number, message: string): void {
  socket.end(
    `HTTP/1.1 ${status} ${status === 403 ? 'Forbidden' : 'Bad Gateway'}\r\nconnection: close\r\n\r\n${message}\n`,
  )
}

function onlyWords(host: string): string {
  return `${host} is none of Pinata's hosts, and ./pinyon run --only lets nothing else through.`
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port // it listens on TCP
}
