import { Presets, SingleBar } from 'cli-progress'
import { bytesText, safeText } from './output.ts'
import { shorten } from './text-width.ts'

/** A bar with rate and time left on the terminal; nothing when nobody watches. */
export interface Progress {
  add(bytes: number): void
  /** Takes the bar away. */
  stop(): void
}

const silent: Progress = { add: () => undefined, stop: () => undefined }

/** Starts to show how far `title` is. Without a total it shows what has passed and how fast. */
export function openProgress(
  title: string,
  totalBytes: number | undefined,
  { watched }: { readonly watched: boolean },
): Progress {
  if (!watched) return silent
  const startedAt = performance.now()
  const shownTitle = shorten(safeText(title), 24)
  const bar = new SingleBar(
    {
      format: (_options, params) =>
        `${shownTitle}  ${describe(params.value, totalBytes, (performance.now() - startedAt) / 1000)}`,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      fps: 8,
      gracefulExit: false, // Ctrl-C ends the command in order, which stops the bar
    },
    Presets.shades_classic,
  )
  bar.start(Math.max(totalBytes ?? 0, 1), 0)
  let done = 0
  return {
    add(bytes) {
      done += bytes
      bar.update(done)
    },
    stop: () => bar.stop(),
  }
}

const width = 24

function describe(done: number, total: number | undefined, seconds: number): string {
  const rate = done / Math.max(0.001, seconds)
  if (total === undefined || total === 0) return `${bytesText(done)}  ${bytesText(rate)}/s`
  const share = Math.min(1, done / total)
  const filled = Math.round(share * width)
  const bar = `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`
  const left = rate === 0 ? '' : done >= total ? '  finishing' : `  ${secondsText((total - done) / rate)} left`
  return `${bar}  ${bytesText(done)} of ${bytesText(total)}  ${bytesText(rate)}/s${left}`
}

function secondsText(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`
}
