import { createReadStream } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { readRule, type Rule } from './rule.ts'

/** What was read of one file. */
export interface LoadedList {
  readonly file: string
  /** As its header says; else the name of the file. */
  readonly name: string
  readonly lines: number
  readonly rules: number
  /** Lines that say nothing that can be followed, the first of them in words. */
  readonly broken: number
  readonly brokenLines: readonly { readonly line: number; readonly problem: string }[]
}

/** So long are lines read before others have their turn. */
const holdMs = 8
const maxNamed = 20
/** A header is no longer than this. */
const maxHeaderLines = 200

/**
 * Reads a denylist line by line and hands its rules on, with the number of their line. Others run in between, so that a
 * list of any length holds nobody. Rejects when the file cannot be read.
 */
export async function loadList(file: string, onRule: (rule: Rule, line: number) => void): Promise<LoadedList> {
  const header = { name: '', hints: new Map<string, string>() }
  const brokenLines: { line: number; problem: string }[] = []
  let [lines, rules, broken] = [0, 0, 0]
  let pending: string[] | undefined = []
  let since = performance.now()
  const take = (text: string, number: number) => {
    try {
      const rule = readRule(text, header.hints)
      if (rule === undefined) return
      rules++
      onRule(rule, number)
    } catch (error) {
      broken++
      const problem = error instanceof Error ? error.message : String(error)
      if (brokenLines.length < maxNamed) brokenLines.push({ line: number, problem })
    }
  }
  const settle = (before: readonly string[]) => {
    pending = undefined
    for (const [i, text] of before.entries()) take(text, i + 1)
  }
  for await (const text of linesOf(file)) {
    lines++
    if (pending === undefined) take(text, lines)
    else if (text.trim() === '---') {
      readHeader(pending, header)
      pending = undefined
    } else {
      pending.push(text)
      // A rule, or too much: what came before was no header.
      if (/^\s*[!+]?\//.test(text) || pending.length > maxHeaderLines) settle(pending)
    }
    if (performance.now() - since > holdMs) {
      await breathe()
      since = performance.now()
    }
  }
  if (pending !== undefined) settle(pending)
  return { file, name: header.name || (file.split('/').at(-1) ?? file), lines, rules, broken, brokenLines }
}

/** Lines of a file; of one that is far too long only the beginning, which is broken then. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 65_536 })) {
    const parts = (rest + String(chunk)).split('\n')
    rest = (parts.pop() ?? '').slice(0, 10_000)
    yield* parts
  }
  if (rest !== '') yield rest
}

/** As much of YAML as headers have: a name, and hints one below the other. */
function readHeader(lines: readonly string[], header: { name: string; hints: Map<string, string> }): void {
  let section = ''
  for (const line of lines) {
    const [, indent = '', key = '', value = ''] = /^(\s*)([\w-]+):\s*(.*?)\s*$/.exec(line) ?? []
    if (key === '') continue
    const plain = value.replace(/^(["'])(.*)\1$/, '$2')
    if (indent === '') section = key
    if (indent === '' && key === 'name') header.name = plain.slice(0, 200)
    if (indent !== '' && section === 'hints') header.hints.set(key, plain)
  }
}
