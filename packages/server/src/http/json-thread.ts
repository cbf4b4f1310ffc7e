import { parentPort, workerData } from 'node:worker_threads'
import { AppError } from '../lib/errors.ts'
import { type ReadJsonContent, takeApart } from './json-parts.ts'
import { parseJson } from './parse.ts'

/** What a body may become in memory. */
const mostParsedBytes = 400 * 1024 * 1024
/** What V8 takes at most for an object or list by itself, and for each member; measured, and rounded up. */
const containerBytes = 64
const memberBytes = 48

/** A thread of its own: takes one JSON body apart. */
if (parentPort === null) throw new Error('This file is run as a worker thread')
const port = parentPort
const { bytes, field } = workerData as { bytes: Uint8Array; field: string } // what `readApart` hands over
port.postMessage(read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), field))

function read(bytes: Buffer, field: string): ReadJsonContent {
  if (parsedBytes(bytes) > mostParsedBytes) {
    return { refusal: 'too_large', message: 'This JSON has more values than are read at once. Upload it as a file.' }
  }
  try {
    return takeApart(parseJson(bytes), field)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { refusal: 'invalid_request', message: error.message }
  }
}

/** What JSON becomes when it is parsed, by the marks in it; those inside texts count too, which only makes it more. */
function parsedBytes(bytes: Buffer): number {
  let containers = 0
  let members = 0
  for (const byte of bytes) {
    if (byte === 0x7b || byte === 0x5b) containers++
    else if (byte === 0x2c || byte === 0x3a) members++
  }
  return bytes.length + containers * containerBytes + members * memberBytes
}
