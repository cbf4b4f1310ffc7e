import type { Route } from '@pinyon/contract/route.ts'

/** A request before it is bytes, so that each part of it can be made wrong by itself. */
export interface RequestShape {
  method: string
  target: string
  version: string
  headers: [name: string, value: string][]
  body: Buffer
  /** Says the length of the body; false where the framing itself is what is wrong. */
  isFramed: boolean
}

/** A malformed request, ready to be written. */
export interface Malformed {
  /** What was done to which row, and the number that makes it again. */
  readonly title: string
  /** The row it was made from; undefined: the gateway's. */
  readonly row: Route | undefined
  readonly bytes: Buffer
  /** Path, head and framing are whole, so the row itself answers, in its dialect. */
  readonly reachesRow: boolean
  /** How the client leaves: waits for the answer, ends its side, or resets when half was sent. */
  readonly leaving: 'waits' | 'ends' | 'resets'
}

/** As bytes. Names and values are written as they are, CR LF in them too. */
export function renderRequest({ method, target, version, headers, body, isFramed }: RequestShape): Buffer {
  const lines = [
    `${method} ${target} ${version}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(isFramed && (body.length > 0 || method !== 'GET') ? [`Content-Length: ${body.length}`] : []),
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body])
}
