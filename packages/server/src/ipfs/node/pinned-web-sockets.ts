import { once } from 'node:events'
import type { CreateListenerOptions, Transport, Upgrader } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import type { Multiaddr } from '@multiformats/multiaddr'
import { WebSocket } from 'ws'

/** Frames that are larger are refused; libp2p's are below 64 KiB. */
const maxFrameBytes = 1024 * 1024

type WebSocketComponents = Parameters<ReturnType<typeof webSockets>>[0]

/**
 * libp2p over WebSocket that dials exactly the IP address it is told to. The transport's own way looks a TLS server's
 * name up anew, so that another address might be dialled than the one that was held against the rules; and it follows
 * redirects.
 */
export function pinnedWebSockets() {
  return (components: WebSocketComponents): Transport => {
    const transport = webSockets({ maxBufferedAmount: 4 * 1024 * 1024, bufferedAmountPollInterval: 10 })(components)
    const createListener = transport.createListener.bind(transport)
    // `_connect` is where the transport makes its socket; that version is pinned, and tests dial by it.
    return Object.assign(transport, {
      _connect: connect,
      createListener: (options: CreateListenerOptions) =>
        createListener({ ...options, upgrader: closingUpgrader(options.upgrader) }),
    })
  }
}

/** Sees each connection that comes in first. */
function closingUpgrader(upgrader: Upgrader): Upgrader {
  const closing: Pick<Upgrader, 'upgradeInbound'> = {
    upgradeInbound: (connection, options) => {
      if ('websocket' in connection && connection.websocket instanceof WebSocket) closeByForce(connection.websocket)
      return upgrader.upgradeInbound(connection, options)
    },
  }
  return Object.assign(Object.create(upgrader) as Upgrader, closing) // the rest stays as it is
}

async function connect(address: Multiaddr, { signal }: { signal: AbortSignal }): Promise<WebSocket> {
  signal.throwIfAborted()
  const components = address.getComponents()
  const valueOf = (name: string) => components.find((each) => each.name === name)?.value
  const ip = valueOf('ip4') ?? valueOf('ip6')
  const port = valueOf('tcp')
  if (ip === undefined || port === undefined) throw new Error(`${address.toString()} is not an IP address and a port`)
  const isSecure = components.some(({ name }) => name === 'tls' || name === 'wss')
  const family = ip.includes(':') ? 6 : 4
  const name = valueOf('sni') ?? (family === 6 ? `[${ip}]` : ip)
  const socket = new WebSocket(`${isSecure ? 'wss' : 'ws'}://${name}:${port}/`, {
    lookup: (_name, options, found) => {
      if (options.all === true) found(null, [{ address: ip, family }])
      else found(null, ip, family)
    },
    followRedirects: false,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    handshakeTimeout: 10_000,
  })
  socket.binaryType = 'arraybuffer'
  // The transport listens a moment after this returns; what came with the answer to the handshake must wait till then.
  socket.once('open', () => socket.pause())
  closeByForce(socket)
  try {
    await once(socket, 'open', { signal })
    setImmediate(() => socket.resume())
  } catch (error) {
    // Terminating a socket that connects makes it fail once more.
    socket.on('error', () => undefined)
    socket.terminate()
    throw error
  }
  return socket
}

/** The transport aborts with a code that may not be sent, at which `close` throws and the socket would stay. */
function closeByForce(socket: WebSocket): void {
  const close = socket.close.bind(socket)
  socket.close = (code, data) => {
    if (code === 1006) socket.terminate()
    else close(code, data)
  }
}
