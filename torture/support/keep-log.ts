import type { ChildProcess } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'

let dir: string | undefined

/** Has what every server prints from now on kept in this folder, one file for each process. */
export function keepLogsIn(folder: string): void {
  mkdirSync(folder, { recursive: true })
  dir = folder
}

/** Keeps what this server prints, and how it ends, when somebody asked for it. */
export function keepLog(child: ChildProcess): void {
  if (dir === undefined) return
  const log = createWriteStream(join(dir, `${new Date().toISOString().replaceAll(':', '-')}-${child.pid}.log`))
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => void log.write(chunk))
  // With the end of its output, which comes after its end.
  child.once('close', (code, signal) => log.end(`\nended with ${code ?? signal} at ${new Date().toISOString()}\n`))
}
