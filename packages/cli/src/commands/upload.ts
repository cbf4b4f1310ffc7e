import { ApiError, type AnswerOf, type Client, Unreachable } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { readDuration } from '../duration.ts'
import { PartlyDone, UsageError } from '../exit.ts'
import { readKeyvalues } from '../keyvalue.ts'
import { openLocalFiles, Unreadable, type LocalFiles } from '../local-files.ts'
import { encodeMultipart } from '../multipart-body.ts'
import { bytesText, countText, safeText } from '../output.ts'
import { findGroup } from './find-group.ts'
import { openProgress, type Progress } from '../progress.ts'
import { sendFolder } from '../resumable-folder.ts'
import { isResumable, type ResumablePart, sendResumable } from '../resumable-upload.ts'
import { findUnfinished, forgetUnfinished, keepUnfinished } from '../unfinished-uploads.ts'

/** Options of `upload`. */
export interface UploadOptions {
  readonly public?: boolean
  readonly name?: string
  readonly car?: boolean
  readonly cidVersion?: string
  readonly keyvalue: readonly string[]
  readonly group?: string
  readonly expiresIn?: string
  readonly resume?: boolean
}

type Uploaded = AnswerOf<typeof routes.filesUpload>['data']

/** Uploads files, folders, CARs or stdin (`-`), each as a file of its own. Private unless --public. */
export async function upload(context: Context, paths: readonly string[], options: UploadOptions): Promise<void> {
  if (options.name !== undefined && paths.length > 1)
    throw new UsageError('--name goes with one path: each path becomes a file of its own.')
  readFields(options, '')
  if (options.resume === true && options.expiresIn !== undefined)
    throw new UsageError('--resume does not go with --expires-in.')
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
      const left = file.is_duplicate === true ? notTaken(file, { ...options, group: group?.id }) : []
      if (left.length > 0)
        context.out.note(
          `It was here already and stays as it was: ${left.join(', ')} changed nothing. The console changes it, or PUT ${client.apiUrl}/v3/files/${file.network}/${file.id}.`,
        )
    } catch (error) {
      throw new PartlyDone(error, done)
    }
  }
  if (context.out.json) context.out.result(paths.length === 1 ? done[0] : done, '')
}

/** Options that a file which was here already does not follow. */
function notTaken(
  file: Uploaded,
  {
    name,
    keyvalue,
    group,
    expiresIn,
  }: Pick<UploadOptions, 'name' | 'keyvalue' | 'expiresIn'> & { readonly group: string | undefined },
): string[] {
  const left: string[] = []
  if (name !== undefined && name !== '' && name !== file.name) left.push('--name')
  const isThere = ([key, value]: [string, string]) => file.keyvalues[key] === value
  if (!Object.entries(readKeyvalues(keyvalue)).every(isThere)) left.push('--keyvalue')
  if (group !== undefined && group !== file.group_id) left.push('--group')
  if (expiresIn !== undefined) left.push('--expires-in')
  return left
}

function whoCanRead(options: UploadOptions): string {
  return options.public === true
    ? 'Anyone on the IPFS network can read this.'
    : 'Private: only this account can read it. (--public makes it readable for anyone.)'
}

function requireFit(path: string, { title, parts }: LocalFiles, options: UploadOptions): void {
  const isOne = !isFolder(parts)
  if (options.car === true && !isOne) throw new UsageError(`${path} is a folder. --car goes with a CAR file.`)
  if (/\p{Cc}/u.test(title) && (!isOne || options.name === undefined))
    throw new UsageError(
      `The name ${JSON.stringify(title)} holds control characters. ${isOne ? 'Give another with --name' : 'Rename it'}.`,
    )
}

function isFolder(parts: LocalFiles['parts']): boolean {
  return parts.some(({ filename }) => filename.includes('/'))
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
    if (options.resume === true && isFolder(parts)) {
      const { env, signal } = context
      const fields = readFields(options, title)
      return await sendFolder({ client, env, title, parts, fields, signal, onBytes: (bytes) => progress.add(bytes) })
    }
    const [part] = parts
    // A folder of one large file stays a folder.
    if (part !== undefined && !isFolder(parts) && isResumable(part)) {
      return await uploadLarge(context, part, { options, fields: readFields(options, title), progress })
    }
    const form = encodeMultipart(readFields(options, title), parts, (bytes) => progress.add(bytes))
    return (await client.call(routes.filesUpload, { form, signal: context.signal })).data
  } catch (error) {
    // The client takes everything that goes wrong under way for a server that cannot be reached.
    throw error instanceof Unreachable && error.cause instanceof Unreadable ? error.cause : error
  } finally {
    progress.stop()
  }
}

/** Sends a large file so that the same command goes on with it after a break, a Ctrl-C or a crash. */
async function uploadLarge(
  context: Context,
  part: ResumablePart,
  { options, fields, progress }: { options: unknown; fields: Record<string, string>; progress: Progress },
): Promise<Uploaded> {
  const { env, out, signal } = context
  const client = await context.client()
  const { path, changedAtMs } = part.onDisk
  const what = { apiUrl: client.apiUrl, path, sizeBytes: part.sizeBytes, changedAtMs, options }
  const unfinished = await findUnfinished(env, what)
  let shown = 0
  try {
    const { id, cid } = await sendResumable({
      client,
      part,
      fields,
      signal,
      unfinished,
      onBegun: (begun) => keepUnfinished(env, what, begun),
      onOffset(bytes) {
        progress.add(bytes - shown)
        shown = bytes
      },
    })
    await forgetUnfinished(env, what)
    return await describeKept(client, { id, cid, part, fields })
  } catch (error) {
    if (shown > 0) out.note('What was sent is kept for a while: run the same command again to go on.')
    throw error
  }
}

/** The file as the server shows it; a key that may only upload is not shown it. */
async function describeKept(
  client: Client,
  { id, cid, part, fields }: { id: string; cid: string; part: ResumablePart; fields: Record<string, string> },
): Promise<Uploaded> {
  const network = fields['network'] === 'public' ? 'public' : 'private'
  const who = await client.call(routes.whoami)
  const rest = { user_id: who.account.id, vectorized: false }
  try {
    const { data } = await client.call(routes.filesGet, { params: { network, id } })
    return { ...data, ...rest }
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error
    const unknown = { group_id: null, keyvalues: {}, expires_at: null, mime_type: 'application/octet-stream' }
    const name = fields['name'] ?? part.filename
    const created_at = new Date().toISOString()
    return { ...unknown, ...rest, id, cid, name, network, created_at, size: part.sizeBytes, number_of_files: 1 }
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
  const files = isFolder ? `, ${countText(file.number_of_files, 'file')}` : ''
  const lines = [
    `${safeText(file.name ?? '-')}${isFolder ? '/' : ''}  ${bytesText(file.size)}${files}${file.is_duplicate === true ? '  (was here already)' : ''}`,
    `  CID  ${file.cid}`,
    `  id   ${file.id}`,
  ]
  if (file.network === 'public') lines.push(`  URL  ${urls.gateway}/ipfs/${file.cid}`)
  return lines.join('\n')
}
