import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { holdAlone } from '../lib/hold-alone.ts'
import type { Part } from './part.ts'

/** What is kept of an upload so that it can be gone on with after a reload: where it is, and which file it was. */
export interface Unfinished {
  /** Of the upload on the server, and of the file that it becomes. */
  readonly id: string
  readonly title: string
  readonly network: NetworkName
  readonly isCar: boolean
  readonly isFolder: boolean
  /** How many files there are in it. */
  readonly files: number
  readonly sizeBytes: number
  /** Of large files in a folder: their uploads, by path. */
  readonly begun?: Readonly<Record<string, string>>
  /** As the browser says it of the file; of a folder, of the newest in it. */
  readonly lastModified: number
  /** Headers that say whose it is. They let nobody in. */
  readonly actingAs: Readonly<Record<string, string>>
}

const prefix = 'pinyon.upload.'
/** Uploads that this tab has, so that no other shows them, with what lets them go. */
const held = new Map<string, Promise<() => void>>()

/** Keeps it in this browser, and for this tab alone. */
export function keepUnfinished(unfinished: Unfinished): void {
  localStorage.setItem(prefix + unfinished.id, JSON.stringify(unfinished))
  void hold(unfinished.id)
}

/** Forgets it. */
export function forgetUnfinished(id: string): void {
  localStorage.removeItem(prefix + id)
  void held.get(id)?.then((letGo) => letGo())
  held.delete(id)
}

/** Forgets all: names of files are not for whoever signs in next. */
export function forgetAllUnfinished(): void {
  for (const id of listIds()) forgetUnfinished(id)
}

/** What the same person left unfinished in the same account, and this tab does not have. */
export function listLeft(actingAs: Readonly<Record<string, string>>): Unfinished[] {
  return listIds()
    .filter((id) => !held.has(id))
    .map(read)
    .filter((each) => each !== undefined)
    .filter((each) => JSON.stringify(each.actingAs) === JSON.stringify(actingAs))
}

/** Has it for this tab, as soon as no other does. Undefined when it ended meanwhile. */
export async function takeUnfinished(id: string): Promise<Unfinished | undefined> {
  await hold(id)
  const unfinished = read(id)
  if (unfinished === undefined) forgetUnfinished(id)
  return unfinished
}

/** Why what was chosen is not what an upload began with; undefined when it may be. */
export function whyOther(unfinished: Unfinished, parts: readonly Part[]): string | undefined {
  const { title, isFolder, files, sizeBytes, lastModified } = unfinished
  const what = isFolder ? 'folder' : 'file'
  const name = parts[0]?.path.split('/')[0] ?? ''
  if (name !== title) return `This is ${name}; the upload began with ${title}.`
  if (parts.length !== files) return `There are ${parts.length} files in this folder, not ${files}.`
  const bytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0)
  if (bytes !== sizeBytes) return `This ${what} has another size (${bytes} bytes, not ${sizeBytes}).`
  return newestOf(parts) === lastModified ? undefined : `This ${what} was changed since the upload began.`
}

/** When the newest of them was changed. */
export function newestOf(parts: readonly Part[]): number {
  return parts.reduce((newest, { file }) => Math.max(newest, file.lastModified), 0)
}

function hold(id: string): Promise<() => void> {
  const holding = held.get(id) ?? holdAlone(prefix + id)
  held.set(id, holding)
  return holding
}

function listIds(): string[] {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
}

function read(id: string): Unfinished | undefined {
  const text = localStorage.getItem(prefix + id)
  return text === null ? undefined : (JSON.parse(text) as Unfinished) // written by us
}
