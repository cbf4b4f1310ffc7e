import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { routes } from '@pinyon/contract/routes.ts'
import type { z } from 'zod'
import type { Context } from '../context.ts'
import { readDuration } from '../duration.ts'
import { UsageError } from '../exit.ts'
import { encodeMultipart, readFileBytes, type FilePart } from '../multipart-body.ts'
import { bytesText, safeText } from '../output.ts'
import { openProgress } from '../progress.ts'

/** Options of `upload`. */
export interface UploadOptions {
  readonly public?: boolean
  readonly name?: string
  readonly car?: boolean
  readonly cidVersion?: string
  readonly keyvalue: readonly string[]
  readonly expiresIn?: string
}

type Uploaded = z.infer<typeof routes.filesUpload.response>['data']

/** Uploads files, folders, CARs or stdin (`-`), each as a file of its own. Private unless --public. */
export async function upload(context: Context, paths: readonly string[], options: UploadOptions): Promise<void> {
  if (options.name !== undefined && paths.length > 1)
    throw new UsageError('--name goes with one path: each path becomes a file of its own.')
  context.out.note(
    options.public === true
      ? 'Anyone on the IPFS network can read this.'
      : 'Private: stored here only. (--public makes it readable for anyone.)',
  )
  const done: Uploaded[] = []
  for (const path of paths) {
    const file = await uploadOne(context, path, options)
    done.push(file)
    if (!context.out.json) context.out.result(file, await describe(context, file))
  }
  if (context.out.json) context.out.result(paths.length === 1 ? done[0] : done, '')
}

async function uploadOne(context: Context, path: string, options: UploadOptions): Promise<Uploaded> {
  const client = await context.client()
  const { parts, title } = await partsOf(path, options)
  const total = parts.every(({ sizeBytes }) => sizeBytes !== undefined)
    ? parts.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0)
    : undefined
  const progress = openProgress(title, total, context.out.watched)
  try {
    const form = encodeMultipart(fieldsOf(options, title), parts, (bytes) => progress.add(bytes))
    return (await client.call(routes.filesUpload, { form, signal: context.signal })).data
  } finally {
    progress.stop()
  }
}

function fieldsOf(options: UploadOptions, title: string): Record<string, string> {
  const keyvalues = Object.fromEntries(options.keyvalue.map(readKeyvalue))
  return {
    network: options.public === true ? 'public' : 'private',
    name: options.name ?? title,
    ...(options.cidVersion === undefined ? {} : { cid_version: options.cidVersion }),
    ...(options.car === true ? { car: 'true' } : {}),
    ...(Object.keys(keyvalues).length === 0 ? {} : { keyvalues: JSON.stringify(keyvalues) }),
    ...(options.expiresIn === undefined
      ? {}
      : { expires_at: String(Math.floor(Date.now() / 1000) + readDuration(options.expiresIn)) }),
  }
}

async function partsOf(path: string, options: UploadOptions): Promise<{ parts: FilePart[]; title: string }> {
  if (path === '-') {
    const title = options.name ?? 'stdin'
    return {
      title,
      parts: [
        {
          filename: title.replaceAll('/', '_'),
          sizeBytes: undefined,
          open: () => process.stdin as AsyncIterable<Uint8Array>,
        },
      ],
    } // stdin without an encoding gives bytes
  }
  const info = await stat(path).catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  const title = basename(resolve(path))
  if (info.isFile()) return { title, parts: [filePart(path, title, info.size)] }
  if (!info.isDirectory()) throw new UsageError(`${path} is neither a file nor a folder.`)
  const parts: FilePart[] = []
  await collect(path, title, parts)
  if (parts.length === 0) throw new UsageError(`${path} holds no files.`)
  return { title, parts }
}

/** Files below a folder, by name. Links to files are followed as what they point to; other kinds are refused by name. */
async function collect(folder: string, prefix: string, parts: FilePart[]): Promise<void> {
  const entries = await readdir(folder)
  for (const name of entries.toSorted()) {
    const path = join(folder, name)
    const info = await stat(path)
    if (info.isDirectory()) await collect(path, `${prefix}/${name}`, parts)
    else if (info.isFile()) parts.push(filePart(path, `${prefix}/${name}`, info.size))
    else throw new UsageError(`${path} is neither a file nor a folder. Leave it out and try again.`)
  }
}

function filePart(path: string, filename: string, sizeBytes: number): FilePart {
  return { filename, sizeBytes, open: () => readFileBytes(path) }
}

function readKeyvalue(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--keyvalue wants key=value (not "${text}").`)
  return [text.slice(0, at), text.slice(at + 1)]
}

async function describe(context: Context, file: Uploaded): Promise<string> {
  const folder = file.mime_type === 'directory' ? `, ${file.number_of_files} files` : ''
  const lines = [
    `${safeText(file.name ?? '')}  ${bytesText(file.size)}${folder}${file.is_duplicate === true ? '  (already here)' : ''}`,
    `  CID  ${file.cid}`,
    `  id   ${file.id}`,
  ]
  if (file.network === 'public') {
    const who = await (await context.client()).call(routes.whoami, { signal: context.signal })
    lines.push(`  URL  ${who.urls.gateway}/ipfs/${file.cid}`)
  }
  return lines.join('\n')
}
