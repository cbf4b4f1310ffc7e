import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { takeKernelLock } from './kernel-lock.ts'

it('belongs to one process, also after that one has asked twice, until it lets go', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-lock-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const file = join(dir, 'lock.db')
  const lock = takeKernelLock(file)
  expect(lock).toBeDefined()
  expect(takeKernelLock(file)).toBeUndefined()
  expect(takenByAnother(file)).toBe(false)
  lock?.release()
  expect(takenByAnother(file)).toBe(true)
})

function takenByAnother(file: string): boolean {
  const script = `
    import { takeKernelLock } from ${JSON.stringify(import.meta.resolve('./kernel-lock.ts'))}
    console.log(takeKernelLock(${JSON.stringify(file)}) !== undefined)`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  return output.trim() === 'true'
}
