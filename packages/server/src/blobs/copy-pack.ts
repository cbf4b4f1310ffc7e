import { open } from 'node:fs/promises'
import { errnoOf } from './file-ops.ts'

const pieceBytes = 4 * 1024 * 1024

interface CopyOptions {
  readonly from: string
  readonly to: string
  /** How much is needed: packs are only ever appended to, so this much stays as it is. */
  readonly sizeBytes: number
  /** How much of it is at `to` already, surely. */
  readonly hasBytes: number
  readonly signal: AbortSignal | undefined
  readonly onBytes: (bytes: number) => void
}

/**
 * Copies the beginning of a pack, durably (mode 0600), going on behind what is there. False when the pack is missing or
 * too short; then as much is copied as there is.
 */
export async function copyPack({ from, to, sizeBytes, hasBytes, signal, onBytes }: CopyOptions): Promise<boolean> {
  await using source = await open(from, 'r').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (source === undefined) return false
  await using target = await open(to, hasBytes > 0 ? 'r+' : 'w', 0o600)
  const piece = Buffer.allocUnsafe(Math.min(pieceBytes, Math.max(1, sizeBytes - hasBytes)))
  let at = hasBytes
  onBytes(hasBytes)
  while (at < sizeBytes) {
    signal?.throwIfAborted()
    const { bytesRead } = await source.read(piece, 0, Math.min(piece.length, sizeBytes - at), at)
    if (bytesRead === 0) break
    for (let written = 0; written < bytesRead;)
      written += (await target.write(piece, written, bytesRead - written, at + written)).bytesWritten
    at += bytesRead
    onBytes(bytesRead)
  }
  await target.sync()
  return at >= sizeBytes
}
