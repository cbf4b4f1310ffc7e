import { createBreath } from '../lib/breathe.ts'
import type { Part } from './part.ts'

/** What was dropped or chosen. */
export interface Read {
  readonly parts: readonly Part[]
  /** Folders without a file in them, which a form cannot carry. */
  readonly emptyFolders: number
  /** Names of what the browser could not read. */
  readonly unreadable: readonly string[]
}

interface Reading {
  readonly parts: Part[]
  readonly unreadable: string[]
  emptyFolders: number
  readonly onCount: (count: number) => void
  readonly breathe: () => Promise<void> | undefined
}

/** What of a drop is there to be read. To be called while the drop is told: afterwards the browser forgets it. */
export function takeDrop(items: DataTransferItemList): (FileSystemEntry | File)[] {
  return [...items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile())
    .filter((each) => each !== null)
}

/** Reads files and folders, with all that is in them, in slices; `onCount` is told how many were found so far. */
export async function readDrop(
  taken: readonly (FileSystemEntry | File)[],
  onCount: (count: number) => void,
): Promise<Read> {
  const reading: Reading = { parts: [], unreadable: [], emptyFolders: 0, onCount, breathe: createBreath() }
  for (const each of taken) {
    if (each instanceof File) reading.parts.push(partOf(each.name, each))
    else await readEntry(each, reading)
  }
  return reading
}

async function readEntry(entry: FileSystemEntry, reading: Reading): Promise<void> {
  await reading.breathe()
  try {
    if (entry.isDirectory) await readFolder(entry as FileSystemDirectoryEntry, reading)
    else reading.parts.push(partOf(pathOf(entry), await fileOf(entry as FileSystemFileEntry)))
  } catch {
    reading.unreadable.push(pathOf(entry)) // gone meanwhile, or not allowed to be read: said, and left out
  }
}

async function readFolder(folder: FileSystemDirectoryEntry, reading: Reading): Promise<void> {
  const reader = folder.createReader()
  let isEmpty = true
  for (;;) {
    // Browsers give a hundred at a time, and none when there are no more.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (entries.length === 0) break
    isEmpty = false
    await Promise.all(entries.filter(({ isFile }) => isFile).map((entry) => readEntry(entry, reading)))
    for (const entry of entries) if (entry.isDirectory) await readEntry(entry, reading)
    reading.onCount(reading.parts.length)
  }
  if (isEmpty) reading.emptyFolders++
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

function partOf(path: string, file: File): Part {
  return { path, file, sizeBytes: file.size }
}

function pathOf(entry: FileSystemEntry): string {
  return entry.fullPath.replace(/^\//, '')
}

/** Reads what an input holds; of a folder with the paths below it. */
export async function readInput(files: FileList): Promise<Read> {
  const breathe = createBreath()
  const parts: Part[] = []
  for (let i = 0; i < files.length; i++) {
    const file = files.item(i)
    if (file !== null) parts.push(partOf(file.webkitRelativePath || file.name, file))
    await breathe()
  }
  return { parts, emptyFolders: 0, unreadable: [] }
}
