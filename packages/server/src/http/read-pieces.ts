import type { IncomingMessage } from 'node:http'
import { usedUp } from '../lib/collect-buffers.ts'
import { CutOff } from '../lib/cut-off.ts'
import { AppError } from '../lib/errors.ts'

/**
 * Gives the pieces of a body to `take`, one at a time, without copying them (the async iterator of a stream joins what
 * has gathered). Throws what `take` throws; the stream then stands still and is whole, so that the caller can answer
 * before the rest is taken. Throws `CutOff` when the connection ends before the body does.
 */
export function readPieces(raw: IncomingMessage, take: (piece: Buffer) => Promise<void> | void): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      raw.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      raw.pause()
    }
    let wait: Promise<void> | void
    const onData = (piece: Buffer) => {
      usedUp(piece.length)
      try {
        wait = take(piece)
      } catch (error) {
        return refuse(error)
      }
      if (wait === undefined) return
      raw.pause()
      wait.then(() => raw.resume(), refuse)
    }
    const refuse = (error: unknown) => {
      leave()
      reject(error instanceof Error ? error : new Error('A part was refused', { cause: error }))
    }
    const onEnd = () => {
      leave()
      resolve(wait)
    }
    // Cut off by the client, or by us because it came too slowly.
    const onClose = () => {
      leave()
      const { errored } = raw
      reject(errored instanceof AppError ? errored : new CutOff(errored))
    }
    raw.on('data', onData).once('end', onEnd).once('close', onClose).once('error', onClose)
    if (raw.destroyed) onClose()
  })
}

/** Throws 415 for a body that was compressed. */
export function refuseCompressed({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return
  throw new AppError(
    'unsupported_media_type',
    `Compressed bodies are not read (Content-Encoding: ${encoding.slice(0, 40)}). Send the body as it is.`,
  )
}
