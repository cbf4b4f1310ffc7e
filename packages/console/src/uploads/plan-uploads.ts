import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Part } from './part.ts'
import type { UploadPlan } from './upload.ts'

/** Parts that belong together. */
interface Files {
  readonly title: string
  readonly parts: readonly Part[]
  readonly sizeBytes: number
}

/** What was chosen, by how it will be uploaded: each folder as one, each loose file by itself. */
export interface Grouped {
  readonly folders: readonly Files[]
  readonly loose: readonly Part[]
  readonly sizeBytes: number
}

/** Parts the folders from the loose files. */
export function groupParts(parts: readonly Part[]): Grouped {
  const folders = new Map<string, Part[]>()
  const loose: Part[] = []
  for (const part of parts) {
    const slash = part.path.indexOf('/')
    if (slash === -1) {
      loose.push(part)
      continue
    }
    const title = part.path.slice(0, slash)
    const known = folders.get(title)
    if (known === undefined) folders.set(title, [part])
    else known.push(part)
  }
  return {
    folders: [...folders].map(([title, parts]) => ({ title, parts, sizeBytes: sizeOf(parts) })),
    loose,
    sizeBytes: sizeOf(parts),
  }
}

/** What the person chose about the uploads. */
interface UploadOptions {
  readonly network: NetworkName
  /** The id of the group they go into. */
  readonly group: string | undefined
  /** The name of a folder that all loose files go into. */
  readonly together: string | undefined
  readonly readsCars: boolean
}

/** The uploads that come of what was chosen. */
export function planUploads({ folders, loose }: Grouped, options: UploadOptions): UploadPlan[] {
  const { network, group, together, readsCars } = options
  const asFolder = (files: Files): UploadPlan => ({
    ...files,
    network,
    group,
    isFolder: true,
    isJoined: false,
    isCar: false,
  })
  if (together !== undefined) {
    const parts = loose.map((part) => ({ ...part, path: `${together}/${part.path}` }))
    return [
      ...folders.map(asFolder),
      { ...asFolder({ title: together, parts, sizeBytes: sizeOf(parts) }), isJoined: true },
    ]
  }
  return [
    ...folders.map(asFolder),
    ...loose.map((part) => ({
      title: part.path,
      network,
      group,
      isFolder: false,
      isJoined: false,
      isCar: readsCars && isCarName(part.path),
      parts: [part],
      sizeBytes: part.sizeBytes,
    })),
  ]
}

/** Whether a file calls itself a CAR. */
export function isCarName(name: string): boolean {
  return /\.car$/i.test(name)
}

function sizeOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}
