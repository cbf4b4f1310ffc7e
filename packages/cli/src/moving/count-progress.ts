import { Presets, SingleBar } from 'cli-progress'
import { bytesText } from '../output.ts'

/** How far many files are; nothing when nobody watches. */
export interface CountProgress {
  /** One more is done. */
  done(): void
  add(bytes: number): void
  /** Takes the line away. */
  stop(): void
}

const silent: CountProgress = { done: () => undefined, add: () => undefined, stop: () => undefined }

/** Starts to show how many of `total` are done, and how many bytes have passed. */
export function openCountProgress(
  title: string,
  total: number | undefined,
  { watched }: { readonly watched: boolean },
): CountProgress {
  if (!watched) return silent
  let count = 0
  let bytes = 0
  const bar = new SingleBar(
    {
      format: () =>
        `${title}  ${count}${total === undefined ? '' : ` of ${total}`}${bytes === 0 ? '' : `  ${bytesText(bytes)}`}`,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      fps: 8,
      gracefulExit: false, // Ctrl-C ends the command in order, which takes the line away
    },
    Presets.shades_classic,
  )
  bar.start(Math.max(total ?? 0, 1), 0)
  return {
    done: () => bar.update(++count),
    add(more) {
      bytes += more
      bar.update(count)
    },
    stop: () => bar.stop(),
  }
}
