import type { Watched } from '@pinyon/server/admin.ts'
import type { Context } from '../context.ts'
import { openProgress, type Progress } from '../progress.ts'

/** Runs something with a bar that it moves, until Ctrl-C. */
export async function watched<T>(
  context: Context,
  title: string,
  hasBar: boolean,
  run: (watch: Watched) => Promise<T>,
): Promise<T> {
  let bar: Progress | undefined
  let seenBytes = 0
  try {
    return await run({
      signal: context.signal,
      onProgress: (doneBytes, totalBytes) => {
        bar ??= openProgress(title, totalBytes, { watched: hasBar && context.out.watched })
        bar.add(doneBytes - seenBytes)
        seenBytes = doneBytes
      },
    })
  } finally {
    bar?.stop()
  }
}
