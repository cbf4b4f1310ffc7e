import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { UsageError } from './exit.ts'

/** Asks a person for one line. Throws UsageError when nobody is there to ask, AbortError at Ctrl-C. */
export async function askLine(question: string): Promise<string> {
  requireTerminal(question)
  return (await ask(`${question}: `, process.stderr)).trim()
}

/** Asks for a secret: what is typed is not shown. Throws as `askLine` does. */
export async function askSecret(question: string): Promise<string> {
  requireTerminal(question)
  process.stderr.write(`${question}: `)
  try {
    return await ask('', new Writable({ write: (_chunk, _encoding, done) => done() }))
  } finally {
    process.stderr.write('\n')
  }
}

/** Everything on stdin, for secrets that programs hand over; the line break at the end is not part of it. */
export async function readStdin(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, '')
}

async function ask(prompt: string, output: NodeJS.WritableStream): Promise<string> {
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  // The terminal is read raw, so Ctrl-C comes here and is no signal; Ctrl-D ends the input.
  const ended = Promise.withResolvers<never>()
  const interrupted = () => ended.reject(new DOMException('Interrupted.', 'AbortError'))
  lines.once('SIGINT', interrupted)
  lines.once('close', interrupted)
  try {
    return await Promise.race([lines.question(prompt), ended.promise])
  } finally {
    lines.off('close', interrupted)
    lines.close()
  }
}

function requireTerminal(question: string): void {
  if (process.stdin.isTTY !== true)
    throw new UsageError(`${question} is missing, and nobody can be asked here. See --help for how to give it.`)
}
