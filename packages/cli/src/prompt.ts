import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { UsageError } from './exit.ts'

/** Asks a person for one line. Throws UsageError when nobody is there to ask. */
export async function askLine(question: string): Promise<string> {
  requireTerminal(question)
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await lines.question(`${question}: `)).trim()
  } finally {
    lines.close()
  }
}

/** Asks for a secret: what is typed is not shown. */
export async function askSecret(question: string): Promise<string> {
  requireTerminal(question)
  process.stderr.write(`${question}: `)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

/** Everything on stdin, for secrets that programs hand over; the line break at the end is not part of it. */
export async function readStdin(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, '')
}

function requireTerminal(question: string): void {
  if (process.stdin.isTTY !== true)
    throw new UsageError(`${question} is missing, and nobody can be asked here. See --help for how to give it.`)
}
