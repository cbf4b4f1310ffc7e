import { Unreachable, type AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { readDuration } from '../duration.ts'
import { PartlyDone, UsageError } from '../exit.ts'
import { readKeyvalues } from '../keyvalue.ts'
import { openLocalFiles, Unreadable, type LocalFiles } from '../local-files.ts'
import { encodeMultipart } from '../multipart-body.ts'
import { bytesText, safeText } from '../output.ts'
import { findGroup } from './find-group.ts'
import { openProgress } from '../progress.ts'

/** Options of `upload`. */
export interface UploadOptions {
  readonly public?: boolean
  readonly name?: string
  readonly car?: boolean
  readonly cidVersion?: string
  readonly keyvalue: readonly string[]
  readonly group?: string
  readonly expiresIn?: string
}

type Uploaded = AnswerOf<typeof routes.filesUpload>['data']

/** Uploads files, folders, CARs or stdin (`-`), each as a file of its own. Private unless --public. */
export async function upload(context: Context, paths: readonly string[], options: UploadOptions): Promise<void> {
  if (options.name !== undefined && paths.length > 1)
    throw new UsageError('--name goes with one path: each path becomes a file of its own.')
  readFields(options, '')
  const client = await context.client()
  // Asked before anything is sent: a key that is not good any more is noticed before the bytes travel.
  const who = await client.call(routes.whoami, { signal: context.signal })
  const network = options.public === true ? 'public' : 'private'
  const group = options.group === undefined ? undefined : await findGroup(context, options.group, [network])
  const done: Uploaded[] = []
  for (const path of paths) {
    try {
      const files = await openLocalFiles(path, options.name)
      requireFit(path, files, options)
      if (done.length === 0) context.out.note(whoCanRead(options))
      const file = await uploadOne(context, files, { ...options, group: group?.id })
      done.push(file)
      if (!context.out.json) context.out.result(file, describe(file, who))
    } catch (error) {
      throw new PartlyDone(error, done)
    }
  }
  if (context.out.json) context.out.result(paths.length === 1 ? done[0] : done, '')
}

function whoCanRead(options: UploadOptions): string {
  return options.public === true
    ? 'Anyone on the IPFS network can read this.'
    : 'Private: only this account can read it. (--public makes it readable for anyone.)'
}

function requireFit(path: string, { title, parts }: LocalFiles, options: UploadOptions): void {
  const isFolder = parts.some(({ filename }) => filename.includes('/'))
  if (options.car === true && isFolder) throw new UsageError(`${path} is a folder. --car goes with a CAR file.`)
  if (/\p{Cc}/u.test(title) && (isFolder || options.name === undefined))
    throw new UsageError(
      `The name ${JSON.stringify(title)} holds control characters. ${isFolder ? 'Rename it' : 'Give another with --name'}.`,
    )
}

async function uploadOne(
  context: Context,
  { parts, title, emptyFolders }: LocalFiles,
  options: Omit<UploadOptions, 'group'> & { readonly group: string | undefined },
): Promise<Uploaded> {
  const client = await context.client()
  if (emptyFolders > 0)
    context.out.note(`${emptyFolders} empty ${emptyFolders === 1 ? 'folder is' : 'folders are'} left out.`)
  const sizes = parts.map(({ sizeBytes }) => sizeBytes)
  const total = sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0)
  const progress = openProgress(title, total, context.out)
  try {
    const form = encodeMultipart(readFields(options, title), parts, (bytes) => progress.add(bytes))
    return (await client.call(routes.filesUpload, { form, signal: context.signal })).data
  } catch (error) {
    // The client takes everything that goes wrong under way for a server that cannot be reached.
    throw error instanceof Unreachable && error.cause instanceof Unreadable ? error.cause : error
  } finally {
    progress.stop()
  }
}

function readFields(
  options: Omit<UploadOptions, 'group'> & { readonly group?: string | undefined },
  title: string,
): Record<string, string> {
  const keyvalues = readKeyvalues(options.keyvalue)
  return {
    network: options.public === true ? 'public' : 'private',
    name: options.name ?? title,
    ...(options.cidVersion === undefined ? {} : { cid_version: options.cidVersion }),
    ...(options.car === true ? { car: 'true' } : {}),
    ...(options.group === undefined ? {} : { group_id: options.group }),
    ...(Object.keys(keyvalues).length === 0 ? {} : { keyvalues: JSON.stringify(keyvalues) }),
    ...(options.expiresIn === undefined
      ? {}
      : { expires_at: String(Math.floor(Date.now() / 1000) + readDuration(options.expiresIn)) }),
  }
}

function describe(file: Uploaded, { urls }: AnswerOf<typeof routes.whoami>): string {
  const isFolder = file.mime_type === 'directory'
  const files = isFolder ? `, ${file.number_of_files} files` : ''
  const lines = [
    `${safeText(file.name ?? '-')}${isFolder ? '/' : ''}  ${bytesText(file.size)}${files}${file.is_duplicate === true ? '  (was here already)' : ''}`,
    `  CID  ${file.cid}`,
    `  id   ${file.id}`,
  ]
  if (file.network === 'public') lines.push(`  URL  ${urls.gateway}/ipfs/${file.cid}`)
  return lines.join('\n')
}
