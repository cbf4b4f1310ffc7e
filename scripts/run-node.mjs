import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Runs `node` in the foreground as if it had taken this process's place: same terminal, same signals. Resolves to the
 * exit code, which for a child ended by a signal is 128 and its number, as shells have it. Aborting ends it.
 *
 * @param {string} node
 * @param {string[]} args
 * @param {AbortSignal} [stop]
 * @returns {Promise<number>}
 */
export function runNode(node, args, stop) {
  const child = spawn(node, args, { stdio: 'inherit' })
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => void child.kill(signal)
  for (const signal of signals) process.on(signal, pass)
  stop?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      for (const each of signals) process.off(each, pass)
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal])
    })
  })
}

/** @type {NodeJS.Signals[]} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
