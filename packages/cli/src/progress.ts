import { Presets, SingleBar } from 'cli-progress'
import { bytesText } from './output.ts'

/** A bar with rate and time left on the terminal; nothing when nobody watches. */
export interface Progress {
  add(bytes: number): void
  stop(): void
}

/** Starts to show how far `title` is. Without a total it shows what has passed and how fast. */
export function openProgress(title: string, totalBytes: number | undefined, watched: boolean): Progress {
  if (!watched) return { add: () => undefined, stop: () => undefined }
  const total = totalBytes ?? 0
  const bar = new SingleBar(
    {
      format: (_options, params, payload) =>
        `${title}  ${describe(params.value, total, (payload as { startedAt: number }).startedAt)}`, // the payload given below
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      fps: 8,
    },
    Presets.shades_classic,
  )
  bar.start(Math.max(total, 1), 0, { startedAt: performance.now() })
  let done = 0
  return {
    add(bytes) {
      done += bytes
      bar.update(done)
    },
    stop: () => bar.stop(),
  }
}

function describe(done: number, total: number, startedAt: number): string {
  const seconds = Math.max(0.001, (performance.now() - startedAt) / 1000)
  const rate = done / seconds
  const passed = `${bytesText(done)}${total > 0 ? ` of ${bytesText(total)}` : ''}, ${bytesText(rate)}/s`
  if (total === 0 || rate === 0) return passed
  const width = 24
  const filled = Math.min(width, Math.round((done / total) * width))
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${String(Math.floor((done / total) * 100)).padStart(3)} %  ${passed}, ${secondsText((total - done) / rate)} left`
}

function secondsText(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  return whole < 60
    ? `${whole} s`
    : whole < 3_600
      ? `${Math.floor(whole / 60)} min ${whole % 60} s`
      : `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`
}
