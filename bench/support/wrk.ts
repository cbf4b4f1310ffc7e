import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

/** What a load of wrk has shown. */
export interface Measured {
  readonly requests: number
  readonly perSecond: number
  readonly megabytesPerSecond: number
  readonly p99Ms: number
}

/** Throws in words when there is no wrk. */
export function requireWrk(): void {
  if (spawnSync('wrk', ['-v']).error !== undefined)
    throw new Error('This needs wrk, a generator of HTTP load: apt-get install wrk')
}

/** Loads an address from 16 connections for some seconds. Throws when anything but 2xx and 3xx came back. */
export async function loadWith(
  url: string,
  { seconds, headers = {}, script }: { seconds: number; headers?: Record<string, string>; script?: string },
): Promise<Measured> {
  const sent = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const scripted = script === undefined ? [] : ['-s', script]
  const child = spawn('wrk', ['-t1', '-c16', `-d${seconds}s`, '--latency', ...sent, ...scripted, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (piece: Buffer) => (text += piece.toString()))
  await once(child, 'close')
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`${url} was not always answered:\n${text}`)
  return {
    requests: Number(/(\d+) requests in/.exec(text)?.[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    megabytesPerSecond: (bytesOf(/Transfer\/sec:\s+([\d.]+[KMG]?B)/.exec(text)?.[1]) ?? 0) / 1e6,
    p99Ms: (secondsOf(/99%\s+([\d.]+[a-z]+)/.exec(text)?.[1]) ?? 0) * 1_000,
  }
}

/** A script of wrk that asks for paths one after another. */
export function scriptOver(paths: readonly string[]): string {
  return `local paths = {${paths.map((path) => `"${path}"`).join(',')}}
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format(nil, paths[at])
end
`
}

/** wrk counts in powers of 1,024. */
function bytesOf(text = ''): number | undefined {
  const [, figure, unit = ''] = /^([\d.]+)([KMG]?)B$/.exec(text) ?? []
  const factor = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[unit]
  return factor === undefined ? undefined : Number(figure) * factor
}

function secondsOf(text = ''): number | undefined {
  const [, figure, unit = ''] = /^([\d.]+)([a-z]+)$/.exec(text) ?? []
  const factor = { us: 1e-6, ms: 1e-3, s: 1, m: 60 }[unit]
  return factor === undefined ? undefined : Number(figure) * factor
}
