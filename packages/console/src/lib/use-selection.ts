import { useCallback, useEffect, useRef, useState } from 'react'

/** The most that can be chosen at once: more is a job for the API. */
const mostChosen = 10_000

/** The rows of a list that were chosen to do something with, by their ids. */
export interface Selection<Row> {
  readonly rows: ReadonlyMap<string, Row>
  readonly toggle: (row: Row, index: number, isRange: boolean) => void
  readonly add: (rows: readonly Row[]) => void
  readonly remove: (rows: readonly Row[]) => void
  readonly clear: () => void
}

/** Chooses rows one by one, or from the last one to another while Shift is held. */
export function useSelection<Row extends { readonly id: string }>(
  rowsBetween: (from: number, to: number) => Promise<Row[]>,
): Selection<Row> {
  const [rows, setRows] = useState<ReadonlyMap<string, Row>>(new Map())
  const lastIndex = useRef<number>(undefined)
  const between = useRef(rowsBetween)
  useEffect(() => {
    between.current = rowsBetween
  })
  const add = useCallback(
    (more: readonly Row[]) =>
      setRows((before) => new Map([...before, ...more.map((row) => [row.id, row] as const)].slice(0, mostChosen))),
    [],
  )
  const remove = useCallback(
    (less: readonly Row[]) =>
      setRows((before) => {
        const after = new Map(before)
        for (const { id } of less) after.delete(id)
        return after
      }),
    [],
  )
  const toggle = useCallback(
    (row: Row, index: number, isRange: boolean) => {
      if (isRange && lastIndex.current !== undefined) void between.current(lastIndex.current, index).then(add)
      else
        setRows((before) => {
          const after = new Map(before)
          if (!after.delete(row.id) && after.size < mostChosen) after.set(row.id, row)
          return after
        })
      lastIndex.current = index
    },
    [add],
  )
  return { rows, toggle, add, remove, clear: useCallback(() => setRows(new Map()), []) }
}
