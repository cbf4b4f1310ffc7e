import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { joinWriters, livingWriters, soleWriter } from './writers.ts'

async function place(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-writers-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

/** A process that is a writer until it is killed. */
async function startWriter(dir: string): Promise<{ id: string; kill(): Promise<void> }> {
  const script = `
    import { joinWriters } from ${JSON.stringify(import.meta.resolve('./writers.ts'))}
    console.log(joinWriters(${JSON.stringify(dir)}).id)
    setInterval(() => {}, 10_000)`
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '--eval', script])
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  onTestFinished(kill)
  const [line] = (await once(child.stdout!, 'data')) as [Buffer] // piped
  return { id: line.toString().trim(), kill }
}

it('tells a writer that lives from one that was killed, which one process at a time puts in order', async () => {
  const dir = await place()
  const own = joinWriters(dir)
  const other = await startWriter(dir)
  expect(own.living()).toEqual(new Set([own.id, other.id]))
  expect(own.takeDead()).toEqual([])
  await other.kill()
  expect(own.living()).toEqual(new Set([own.id]))
  const third = joinWriters(dir)
  const [dead, ...more] = own.takeDead()
  expect([dead?.id, more]).toEqual([other.id, []])
  expect(third.takeDead()).toEqual([])
  dead?.[Symbol.dispose]()
  const [again] = third.takeDead()
  expect(again?.id).toBe(other.id)
  again?.end()
  again?.[Symbol.dispose]()
  expect(own.takeDead()).toEqual([])
  expect(livingWriters(dir)).toEqual(new Set([own.id, third.id]))
})

it('hands a writer that went in order to the others, too', async () => {
  const dir = await place()
  const own = joinWriters(dir)
  const other = joinWriters(dir)
  other.release()
  expect(own.takeDead().map(({ id }) => id)).toEqual([other.id])
  expect(await readdir(dir)).toHaveLength(2)
})

it('knows nobody else where there is one process', () => {
  const writers = soleWriter()
  expect(writers.living()).toEqual(new Set([writers.id]))
  expect(writers.takeDead()).toEqual([])
})
