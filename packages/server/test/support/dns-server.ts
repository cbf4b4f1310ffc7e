import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** A DNS server on loopback that knows TXT records, as a registrar's would answer for them (RFC 1035 section 4). */
export interface DnsServer {
  /** As `PINYON_DNS_SERVERS` names it. */
  readonly address: string
  /** Texts of a name; none: the name does not exist. `'silent'`: no answer at all. `'broken'`: SERVFAIL. */
  set(name: string, texts: readonly string[] | 'silent' | 'broken'): void
  /** Names that were asked for. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/** Starts one that knows nothing yet. */
export async function startDnsServer(): Promise<DnsServer> {
  const records = new Map<string, readonly string[] | 'silent' | 'broken'>()
  const asked: string[] = []
  const socket: Socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const { name, end } = readName(query)
    asked.push(name)
    const known = records.get(name) ?? []
    if (known === 'silent') return
    socket.send(answer(query.subarray(0, end + 4), known), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    set: (name, texts) => void records.set(name.toLowerCase(), texts),
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

function readName(query: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

/** The head and question come back; flags say response, recursion, and the code. */
function answer(question: Buffer, known: readonly string[] | 'broken'): Buffer {
  const texts = known === 'broken' ? [] : known
  const head = Buffer.from(question)
  head.writeUInt16BE(0x8180 | (known === 'broken' ? 2 : texts.length === 0 ? 3 : 0), 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(texts.length, 6)
  head.writeUInt32BE(0, 8)
  const answers = texts.map((text) => {
    const parts = Buffer.from(text).length > 255 ? [text.slice(0, 200), text.slice(200)] : [text]
    const data = Buffer.concat(parts.map((part) => Buffer.concat([Buffer.from([Buffer.byteLength(part)]), Buffer.from(part)]))) // prettier-ignore
    const fixed = Buffer.from('c00c0010000100000001', 'hex')
    const length = Buffer.alloc(2)
    length.writeUInt16BE(data.length)
    return Buffer.concat([fixed, length, data])
  })
  return Buffer.concat([head, ...answers])
}
