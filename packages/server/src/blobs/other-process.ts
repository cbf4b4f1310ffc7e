import { AppError } from '../lib/errors.ts'
import { randomBlocks } from './random-blocks.ts'
import type { PackLocation } from './blob-store.ts'
import { openDiskPacks } from './disk.ts'

/** What a test asks of its second process, one at a time, in the order they come. */
export type Request =
  | { readonly do: 'open'; readonly dir: string }
  | { readonly do: 'read'; readonly location: PackLocation }
  | { readonly do: 'fill'; readonly dir: string; readonly umask: number; readonly sizes: readonly number[] }

/** What it answers. */
export type Answer =
  | { readonly base64: string }
  | { readonly error: string; readonly code: string | undefined }
  | { readonly done: true }

let reader: Awaited<ReturnType<typeof openDiskPacks>> | undefined

async function answer(request: Request): Promise<Answer> {
  switch (request.do) {
    case 'open':
      reader = await openDiskPacks({ dir: request.dir, readOnly: true })
      return { done: true }
    case 'read': {
      if (reader === undefined) throw new Error('open comes first')
      return { base64: Buffer.from(await reader.read(request.location)).toString('base64') }
    }
    case 'fill': {
      process.umask(request.umask)
      const store = await openDiskPacks({ dir: request.dir, writerId: 'other' })
      for (const size of request.sizes) {
        const [location] = await store.append(randomBlocks(size))
        if (location !== undefined) await store.sync([location.pack])
      }
      await store.close()
      return { done: true }
    }
  }
}

process.on('message', (request: Request) => {
  answer(request)
    .catch((error: unknown): Answer => ({
      error: String(error),
      code: error instanceof AppError ? error.code : undefined,
    }))
    .then((result) => process.send?.(result))
    // The test has gone, so nobody is left to serve.
    .catch(() => process.exit(1))
})
