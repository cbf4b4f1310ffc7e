// Loaded into a server to break what the rig of bounded memory holds it to: every piece of every body is kept.
import { IncomingMessage } from 'node:http'

/** @type {unknown[]} */
const kept = []
/** @type {(this: IncomingMessage, piece: unknown, encoding?: BufferEncoding) => boolean} */
const push = Reflect.get(IncomingMessage.prototype, 'push')

IncomingMessage.prototype.push = function (piece, encoding) {
  // A copy, or the pieces would be freed and only their views be kept.
  if (piece !== null) kept.push(Buffer.from(piece))
  return push.call(this, piece, encoding)
}
