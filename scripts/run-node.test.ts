import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { runNode } from './run-node.mjs'

/** A process that runs `program` by `runNode`, as `npm start` runs the server where the system's Node is too old. */
function runInside(program: string): ChildProcess {
  const runner = `
    import { runNode } from ${JSON.stringify(import.meta.resolve('./run-node.mjs'))}
    process.exitCode = await runNode(process.execPath, ['--eval', ${JSON.stringify(program)}])`
  return spawn(process.execPath, ['--input-type=module', '--eval', runner], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function wordsOf(child: ChildProcess): Promise<string> {
  let words = ''
  for await (const text of child.stdout?.setEncoding('utf8') ?? []) words += text
  return words
}

it('passes on input, output and the exit code', async () => {
  const child = runInside(`process.stdin.on('data', (data) => { console.log('got ' + data); process.exit(7) })`)
  child.stdin?.write('hello')
  const exited = once(child, 'exit')
  expect(await wordsOf(child)).toBe('got hello\n')
  expect(await exited).toEqual([7, null])
})

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('passes on %s and waits for the end', async (signal) => {
  const program = `
    process.on('${signal}', () => setTimeout(() => { console.log('drained'); process.exit(0) }, 50))
    setInterval(() => {}, 1000)
    console.log('up')`
  const child = runInside(program)
  child.stdout?.once('data', () => child.kill(signal))
  const exited = once(child, 'exit')
  expect(await wordsOf(child)).toBe('up\ndrained\n')
  expect(await exited).toEqual([0, null])
})

it('ends as shells say it when the program is killed', async () => {
  const child = runInside(`process.kill(process.pid, 'SIGKILL')`)
  expect(await once(child, 'exit')).toEqual([137, null])
})

it('ends it when it is not wanted any more', async () => {
  const stop = new AbortController()
  const ended = runNode(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], stop.signal)
  stop.abort()
  expect(await ended).toBe(143)
})
