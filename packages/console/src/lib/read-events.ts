/** One message of a stream of server-sent events. */
export interface LiveEvent {
  readonly id: string | undefined
  readonly kind: string
}

/** A message has some hundred bytes; whoever sends more than this without an end is no server of ours. */
const longestMessage = 1_000_000

/**
 * Reads server-sent events as they come, without what they carry (HTML standard, section 9.2.6: lines that begin with a
 * colon say only that somebody is still there). Ends with the stream, fails as it does.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<LiveEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  try {
    let text = ''
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      text += value
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const lines = text.slice(0, end).split('\n')
        text = text.slice(end + 2)
        const field = (name: string) =>
          lines
            .find((line) => line.startsWith(`${name}:`))
            ?.slice(name.length + 1)
            .trimStart()
        const kind = field('event')
        if (kind !== undefined) yield { id: field('id'), kind }
      }
      if (text.length > longestMessage) return
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
