import { describe, expect, it } from 'vitest'
import { NoLines, readLines } from './read-lines.ts'

async function linesOf(text: string, pieceBytes: number): Promise<string[]> {
  async function* pieces() {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
  const lines = []
  for await (const line of readLines(pieces())) lines.push(line)
  return lines
}

describe('readLines', () => {
  it('ends lines at line feeds only, however the bytes come', async () => {
    const lines = ['', 'a\u2028b', 'ü 你好 🎉', 'c\rd', 'x'.repeat(300)]
    for (const pieceBytes of [1, 2, 7, 10_000]) {
      expect(await linesOf(lines.join('\n'), pieceBytes)).toEqual(lines)
      expect(await linesOf(`${lines.join('\n')}\n`, pieceBytes)).toEqual(lines)
    }
    expect(await linesOf('', 1)).toEqual([])
  })

  it('refuses what is no UTF-8', async () => {
    async function* pieces() {
      yield Buffer.of(0xff, 10)
    }
    await expect(readLines(pieces()).next()).rejects.toThrow(NoLines)
  })
})
