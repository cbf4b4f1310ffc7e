/** A frame as a video encoder gave it. */
export interface Frame {
  readonly timeMs: number
  readonly isKey: boolean
  readonly bytes: Uint8Array
}

/**
 * A video of VP8 frames with an index, so that players seek in it (https://www.matroska.org/technical/elements.html). A
 * cluster begins with each key frame, and behind it stand `paddingBytes` that nobody reads: so a short video is as far
 * from end to end as a long one.
 */
export function webm(
  frames: readonly Frame[],
  shape: {
    readonly width: number
    readonly height: number
    readonly durationMs: number
    readonly paddingBytes: number
  },
): Buffer {
  const clusters: { readonly timeMs: number; readonly bytes: Buffer }[] = []
  for (const [at, { isKey, timeMs }] of frames.entries()) {
    if (!isKey) continue
    const next = frames.findIndex((each, i) => i > at && each.isKey)
    const blocks = frames.slice(at, next === -1 ? undefined : next).map((frame) => block(frame, timeMs))
    const cluster = element(0x1f43b675, number(0xe7, timeMs), ...blocks)
    clusters.push({ timeMs, bytes: Buffer.concat([cluster, element(0xec, Buffer.alloc(shape.paddingBytes))]) })
  }
  const head = [
    element(
      0x1549a966,
      number(0x2ad7b1, 1_000_000),
      element(0x4489, float(shape.durationMs)),
      text(0x4d80),
      text(0x5741),
    ),
    element(
      0x1654ae6b,
      element(
        0xae,
        number(0xd7, 1),
        number(0x73c5, 1),
        number(0x83, 1),
        text(0x86, 'V_VP8'),
        element(0xe0, number(0xb0, shape.width), number(0xba, shape.height)),
      ),
    ),
  ]
  // Numbers have one length, so the index is as long with the right places as without.
  const before = Buffer.concat([...head, index(clusters, 0)]).length
  const body = Buffer.concat([...head, index(clusters, before), ...clusters.map(({ bytes }) => bytes)])
  const first = element(0x1a45dfa3, number(0x42f7, 1), text(0x4282, 'webm'), number(0x4287, 2), number(0x4285, 2))
  return Buffer.concat([first, element(0x18538067, body)])
}

function index(clusters: readonly { readonly timeMs: number; readonly bytes: Buffer }[], from: number): Buffer {
  let at = from
  const points = clusters.map(({ timeMs, bytes }) => {
    const point = element(0xbb, number(0xb3, timeMs), element(0xb7, number(0xf7, 1), number(0xf1, at)))
    at += bytes.length
    return point
  })
  return element(0x1c53bb6b, ...points)
}

function block({ timeMs, isKey, bytes }: Frame, from: number): Buffer {
  const head = Buffer.from([0x81, 0, 0, isKey ? 0x80 : 0])
  head.writeInt16BE(timeMs - from, 1)
  return element(0xa3, head, Buffer.from(bytes))
}

function element(id: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(BigInt(content.length) | (1n << 56n))
  const name = id.toString(16)
  return Buffer.concat([Buffer.from(name.padStart(name.length + (name.length % 2), '0'), 'hex'), size, content])
}

function number(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return element(id, bytes)
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

function text(id: number, value = 'pinyon'): Buffer {
  return element(id, Buffer.from(value))
}
