import { open, type FileHandle } from 'node:fs/promises'
import { parseCid } from '@pinyon/server/ipfs/cid.ts'
import type { Context } from '../context.ts'
import { whileReading } from '../commands/read-content.ts'
import { writeBeside } from '../write-beside.ts'
import { checkCar } from './check-car.ts'

/**
 * Fetches the CAR of a file of the account into `path`, checked block by block, under that name only when it is whole
 * and on the disk. Answers its size.
 */
export async function saveCar(
  context: Context,
  { id, cid }: { readonly id: string; readonly cid: string },
  path: string,
  onBytes: (bytes: number) => void,
): Promise<number> {
  return writeBeside(path, async (made) => {
    const file = await open(made, 'wx')
    let size = 0
    try {
      await whileReading(context, id, { format: 'car' }, (body) =>
        checkCar(
          copying(body, file, (bytes) => {
            size += bytes
            onBytes(bytes)
          }),
          parseCid(cid),
          context.signal,
        ),
      )
      await file.sync()
    } finally {
      await file.close()
    }
    return size
  })
}

async function* copying(
  body: AsyncIterable<Uint8Array>,
  file: FileHandle,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    for (let at = 0; at < piece.length;) at += (await file.write(piece, at)).bytesWritten
    onBytes(piece.length)
    yield piece
  }
}
