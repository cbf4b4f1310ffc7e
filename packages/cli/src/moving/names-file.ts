import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { NameInExport } from '@pinyon/contract/schemas/names.ts'
import { UsageError } from '../exit.ts'
import { NoLines, readLines } from './read-lines.ts'

/** The first line of the names of an export. Programs that know another version refuse it. */
export const namesHead = { pinyon: 'names', version: 1 } as const

/** Where the names of an export are. */
export function namesPath(dir: string): string {
  return join(dir, 'names.ndjson')
}

/** The names of an export; none where there is no file of them. Throws UsageError for what cannot be read. */
export async function readNames(dir: string): Promise<NameInExport[]> {
  const path = namesPath(dir)
  const names: NameInExport[] = []
  let number = 0
  try {
    for await (const line of readLines(createReadStream(path))) {
      number++
      if (number === 1) requireHead(path, line)
      else if (line !== '') names.push(readLine(path, number, line))
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    if (error instanceof NoLines) throw new UsageError(`${path} ${error.message}.`, { cause: error })
    throw error
  }
  return names
}

function requireHead(path: string, line: string): void {
  const head = parse(line) as Partial<typeof namesHead> | undefined // looked at below
  if (head?.pinyon !== namesHead.pinyon) throw new UsageError(`${path} does not hold the names of a Pinyon export.`)
  if (head.version !== namesHead.version)
    throw new UsageError(`${path} has version ${String(head.version)}; this program reads ${namesHead.version}.`)
}

function readLine(path: string, number: number, line: string): NameInExport {
  const read = NameInExport.safeParse(parse(line))
  if (!read.success)
    throw new UsageError(`${path}, line ${number}: ${read.error.issues[0]?.path.join('.') ?? ''} cannot be read.`)
  return read.data
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // told by whoever looks at it
  }
}
