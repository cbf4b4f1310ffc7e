import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Takes CONNECT (RFC 9110 section 9.3.6) for whatever host: what comes through the tunnel is read by this very server, as
 * if it had been sent to that host. Nothing is ever dialled.
 */
export function acceptTunnels(server: Server): void {
  server.on('connect', (_request, duplex, head: Buffer) => {
    const socket = duplex as Socket // a server on TCP gives sockets
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    if (head.length > 0) socket.unshift(head)
    server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket)
  })
}
