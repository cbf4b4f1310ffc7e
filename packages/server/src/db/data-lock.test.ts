import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { takeDataLock } from './data-lock.ts'

it('belongs to one process, also after that one has asked twice, until it lets go', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-lock-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const lock = takeDataLock(dir)
  expect(lock).toBeDefined()
  expect(takeDataLock(dir)).toBeUndefined()
  expect(takenByAnother(dir)).toBe(false)
  lock?.release()
  expect(takenByAnother(dir)).toBe(true)
})

function takenByAnother(dir: string): boolean {
  const script = `
    import { takeDataLock } from ${JSON.stringify(import.meta.resolve('./data-lock.ts'))}
    console.log(takeDataLock(${JSON.stringify(dir)}) !== undefined)`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  return output.trim() === 'true'
}
