import { request } from 'node:http'
import { ReadableStream } from 'node:stream/web'
import type { Answered, KeyValues, TestApp } from './app.ts'
import { sendRequest } from './app.ts'

/** A part of a form: its name, its value or bytes, and for a file what it is called. */
export type Part = readonly [name: string, value: string | Uint8Array, filename?: string, type?: string]

export const boundary = 'pinyon-test-boundary'
export const formType = `multipart/form-data; boundary=${boundary}`

/** A form in the order given, with file names as they are: what `FormData` does not let one write. */
export function formBytes(parts: readonly Part[]): Buffer {
  return Buffer.concat([
    ...parts.flatMap(([name, value, filename, type]) => [
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"` +
          (filename === undefined
            ? ''
            : `; filename="${filename}"\r\nContent-Type: ${type ?? 'application/octet-stream'}`) +
          '\r\n\r\n',
      ),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ])
}

/** Sends a form to a path, with its length. */
export function sendForm(app: TestApp, path: string, key: KeyValues | string | undefined, parts: readonly Part[]) {
  return app.ask('POST', path, { key, body: new Uint8Array(formBytes(parts)), headers: { 'content-type': formType } })
}

/** Sends a form in chunks, without its length. */
export function sendChunked(
  app: TestApp,
  path: string,
  key: KeyValues,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<Answered> {
  return sendRequest(`${app.apiUrl}${path}`, 'POST', {
    key,
    body: ReadableStream.from(pieces) as RequestInit['body'], // Node's stream is the one of its own fetch
    headers: { 'content-type': formType },
  })
}

/**
 * Begins to send bytes and vanishes (a reset) when `count` of them are out and `when` has resolved. Resolves when the
 * connection is gone.
 */
export async function sendAndVanish(
  app: TestApp,
  path: string,
  key: KeyValues,
  bytes: Buffer,
  { count, when }: { readonly count: number; readonly when?: Promise<unknown> },
): Promise<void> {
  const sending = request(`${app.apiUrl}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key.JWT}`,
      'content-type': formType,
      'content-length': bytes.length,
    },
  })
  sending.once('error', () => {}) // the reset that was asked for
  const closed = new Promise((resolve) => sending.once('close', resolve))
  await new Promise((resolve) => sending.write(bytes.subarray(0, count), resolve))
  try {
    await when
  } finally {
    sending.socket?.resetAndDestroy()
    await closed
  }
}

/** What uploads leave behind: rows but for those of pins that nobody holds any more, and what is held in memory. */
export async function remains({ services }: TestApp, accountId: string) {
  const { read } = services.db
  const count = async (table: 'files' | 'file_keyvalues') => {
    const row = await read
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirst()
    return row?.count
  }
  const pins = await read.selectFrom('pins').select('id').where('state', '<>', 'releasing').execute()
  const pinBlocks = await read
    .selectFrom('pin_blocks')
    .innerJoin('pins', 'pins.id', 'pin_blocks.pin_id')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('pins.state', '<>', 'releasing')
    .executeTakeFirstOrThrow()
  const totals = await read
    .selectFrom('account_totals')
    .select(['network', 'files', 'bytes'])
    .where('account_id', '=', accountId)
    .where('files', '>', 0)
    .orderBy('network')
    .execute()
  return {
    files: await count('files'),
    pins: pins.length,
    pinBlocks: pinBlocks.count,
    keyvalues: await count('file_keyvalues'),
    totals,
    promised: services.reservations.promised(accountId),
  }
}
