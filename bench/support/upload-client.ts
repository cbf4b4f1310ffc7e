// A client in a process of its own: it is told what to send, sends it, and says how long that took.
import { randomBytes } from 'node:crypto'
import { Agent, request, type ClientRequest } from 'node:http'
import { Connection, headOf } from './connection.ts'

/** What to send: one file, one folder, or many small things from several connections at once. */
export interface Load {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly kind: 'file' | 'folder' | 'small' | 'resumable'
  /** Of `resumable`: bytes of one request. */
  readonly chunkBytes?: number
  /** Bytes of the file, files of the folder, requests in all. */
  readonly amount: number
  /** For `small`: connections, and whether the body is JSON or a form with one file. */
  readonly clients?: number
  readonly as?: 'json' | 'form'
}

const boundary = 'bench-boundary-0123456789'
const formType = `multipart/form-data; boundary=${boundary}`
const chunkBytes = 1024 * 1024
const leafBytes = 256 * 1024
const source = randomBytes(16 * chunkBytes)
let stamp = Date.now()

process.on('message', (load: Load) => {
  void send(load).then((answer) => process.send?.(answer))
})

async function send(load: Load): Promise<{ seconds: number }> {
  const began = performance.now()
  if (load.kind === 'small') await sendSmall(load)
  else if (load.kind === 'resumable') await sendResumable(load)
  else await sendOne(load)
  return { seconds: (performance.now() - began) / 1000 }
}

async function sendOne({ url, headers, kind, amount }: Load): Promise<void> {
  const pieces = kind === 'file' ? filePieces(amount) : folderPieces(amount)
  const length = kind === 'file' ? { 'content-length': String(fileFormBytes(amount)) } : {}
  await post(url, { ...headers, ...length, 'content-type': formType }, async (sending) => {
    for (const piece of pieces) {
      if (!sending.write(piece)) await new Promise((resolve) => sending.once('drain', resolve))
    }
    sending.end()
  })
}

async function sendResumable({ url, headers, amount, chunkBytes: most = amount }: Load): Promise<void> {
  const begun = await fetch(url, { method: 'POST', headers: { ...headers, 'upload-length': String(amount) } })
  const location = begun.headers.get('location')
  if (location === null) throw new Error(`the upload began with ${begun.status}`)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let offset = 0; offset < amount; offset += most) {
    const length = Math.min(most, amount - offset)
    const chunk = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) }
    const options = { method: 'PATCH', headers: { ...headers, ...chunk, 'content-length': String(length) }, agent }
    await new Promise<void>((resolve, reject) => {
      const sending = request(location, options, (reply) => {
        reply.resume()
        if (reply.statusCode === 204) reply.on('end', resolve)
        else reject(new Error(`a chunk was answered ${reply.statusCode}`))
      })
      sending.on('error', reject)
      void (async () => {
        for (const piece of freshPieces(length)) {
          if (!sending.write(piece)) await new Promise((go) => sending.once('drain', go))
        }
        sending.end()
      })()
    })
  }
  agent.destroy()
}

async function sendSmall({ url, headers, amount, clients = 1, as }: Load): Promise<void> {
  const to = new URL(url)
  const head = headOf(to, { ...headers, 'content-type': as === 'json' ? 'application/json' : formType })
  let left = amount
  const client = async () => {
    const connection = await Connection.open(to)
    while (left-- > 0) {
      const json = JSON.stringify({ serial: ++stamp, text: 'x'.repeat(4_060) })
      await connection.send(head, as === 'json' ? json : `${partHead('a.json')}${json}${formEnd}`)
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: clients }, client))
}

function post(
  url: string,
  headers: Record<string, string>,
  write: (sending: ClientRequest) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers }, (reply) => {
      let text = ''
      reply.on('data', (piece: Buffer) => (text += piece.toString()))
      reply.on('end', () => {
        if (reply.statusCode === 200) resolve()
        else reject(new Error(`answered ${reply.statusCode}: ${text.slice(0, 300)}`))
      })
    })
    sending.once('error', reject)
    void write(sending)
  })
}

const formEnd = `\r\n--${boundary}--\r\n`

function partHead(name: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`
}

function fileFormBytes(bytes: number): number {
  return partHead('file.bin').length + bytes + formEnd.length
}

function* filePieces(bytes: number): Generator<Buffer> {
  yield Buffer.from(partHead('file.bin'))
  yield* freshPieces(bytes)
  yield Buffer.from(formEnd)
}

/** Bytes of which no two blocks of all that is ever sent are the same. */
function* freshPieces(bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += chunkBytes) {
    const from = at % source.length
    const piece = Buffer.from(source.subarray(from, from + Math.min(chunkBytes, bytes - at)))
    for (let leaf = 0; leaf + 8 <= piece.length; leaf += leafBytes) piece.writeDoubleLE(++stamp, leaf)
    yield piece
  }
}

function* folderPieces(count: number): Generator<Buffer> {
  const size = 2048
  let gathered: Buffer[] = []
  for (let i = 0; i < count; i++) {
    const from = (i * size) % source.length
    const content = Buffer.from(source.subarray(from, from + size))
    content.writeDoubleLE(++stamp)
    gathered.push(Buffer.from(partHead(`folder/${i}.json`)), content, Buffer.from('\r\n'))
    if (gathered.length < 360) continue
    yield Buffer.concat(gathered)
    gathered = []
  }
  gathered.push(Buffer.from(`--${boundary}--\r\n`))
  yield Buffer.concat(gathered)
}
