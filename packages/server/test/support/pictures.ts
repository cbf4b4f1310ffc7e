import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

/** A photograph of nothing: coarse noise, so that it neither packs away nor takes long. */
export function picture(width: number, height: number) {
  return sharp({
    create: { width, height, channels: 3, background: '#284', noise: { type: 'gaussian', mean: 128, sigma: 20 } },
  })
}

/** A moving picture of so many frames, each of another colour. */
export async function movingPicture(frames: number, side: number): Promise<Buffer> {
  const each = await Promise.all(
    Array.from({ length: frames }, (_, i) =>
      sharp({ create: { width: side, height: side, channels: 3, background: { r: (i * 70) % 256, g: 90, b: 40 } } })
        .png()
        .toBuffer(),
    ),
  )
  return sharp(each, { join: { animated: true } })
    .gif()
    .toBuffer()
}

/** A PNG that says to be of this size and packs its pixels, all white, into next to nothing. */
export function sizedPng(width: number, height: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head[8] = 1 // one bit a pixel, grey
  const row = Buffer.alloc(1 + Math.ceil(width / 8), 255)
  row[0] = 0
  const rows = Buffer.concat(Array.from({ length: height }, () => row))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
