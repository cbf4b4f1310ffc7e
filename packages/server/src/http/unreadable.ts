import { STATUS_CODES, type Server } from 'node:http'
import type { Socket } from 'node:net'

const texts: Readonly<Record<number, string>> = {
  400: 'The request could not be read as HTTP.',
  408: 'The request came too slowly.',
  413: 'The request is too large.',
  431: 'The headers of the request are larger than 32 KiB.',
}

const unescaped =
  'The address holds characters that may not stand there. Whatever is not ASCII is percent-encoded: %C3%BC for ü.'

/**
 * Answers what is no request: broken or oversize heads, heads that come too slowly. Node ends such a connection, so the
 * answer is written to the socket by hand. `bodyOf` shapes it in the listener's dialect.
 */
export function answerUnreadable(
  server: Server,
  headers: Readonly<Record<string, string>>,
  bodyOf: (status: number, text: string) => { type: string; text: string },
): void {
  server.removeAllListeners('clientError') // the framework has one of its own, and both would answer
  server.on('clientError', (error: NodeJS.ErrnoException, duplex) => {
    const socket = duplex as Socket // a server on TCP gives sockets
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
      socket.destroy()
      return
    }
    const status = statusOf(error.code)
    const { type, text } = bodyOf(status, error.code === 'HPE_INVALID_URL' ? unescaped : (texts[status] ?? ''))
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      `content-type: ${type}`,
      `content-length: ${Buffer.byteLength(text)}`,
      'connection: close',
    ]
    socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`, () => socket.destroySoon())
  })
}

function statusOf(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
}

/** True when an answer is already on its way on this connection: a second one in its middle would be read as its body. */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: response } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null } // how Node itself knows
  return response?.headersSent === true
}
