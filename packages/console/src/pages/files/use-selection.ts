import { useCallback, useEffect, useRef, useState } from 'react'
import type { File } from '../../api/files.ts'

/** The most that can be chosen at once: more is a job for the API. */
const mostChosen = 10_000

/** The files that were chosen to do something with. */
export interface Selection {
  readonly files: ReadonlyMap<string, File>
  readonly toggle: (file: File, index: number, isRange: boolean) => void
  readonly add: (files: readonly File[]) => void
  readonly remove: (files: readonly File[]) => void
  readonly clear: () => void
}

/** Chooses files one by one, or from the last one to another while Shift is held. */
export function useSelection(filesBetween: (from: number, to: number) => Promise<File[]>): Selection {
  const [files, setFiles] = useState<ReadonlyMap<string, File>>(new Map())
  const lastIndex = useRef<number>(undefined)
  const between = useRef(filesBetween)
  useEffect(() => {
    between.current = filesBetween
  })
  const add = useCallback(
    (more: readonly File[]) =>
      setFiles((before) => new Map([...before, ...more.map((file) => [file.id, file] as const)].slice(0, mostChosen))),
    [],
  )
  const remove = useCallback(
    (less: readonly File[]) =>
      setFiles((before) => {
        const after = new Map(before)
        for (const { id } of less) after.delete(id)
        return after
      }),
    [],
  )
  const toggle = useCallback(
    (file: File, index: number, isRange: boolean) => {
      if (isRange && lastIndex.current !== undefined) void between.current(lastIndex.current, index).then(add)
      else
        setFiles((before) => {
          const after = new Map(before)
          if (!after.delete(file.id) && after.size < mostChosen) after.set(file.id, file)
          return after
        })
      lastIndex.current = index
    },
    [add],
  )
  return { files, toggle, add, remove, clear: useCallback(() => setFiles(new Map()), []) }
}
