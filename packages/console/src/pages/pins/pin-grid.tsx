import { useNavigate, useRouter } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'
import { type Pin, type PinFilter, pinList } from '../../api/pins.ts'
import type { Selection } from '../../lib/use-selection.ts'
import { useWide } from '../../lib/use-wide.ts'
import { paths } from '../../paths.ts'
import { RowGrid } from '../../shell/row-grid.tsx'
import type { PinDeed } from './pin-menu.tsx'
import { columns, PinRow } from './pin-row.tsx'

interface PinGridProps {
  readonly filter: PinFilter
  readonly onDeed: (deed: PinDeed, pin: Pin) => void
  /** What stands in place of no rows. */
  readonly empty: ReactNode
  /** Above the rows, while some are chosen. */
  readonly renderChosen: (selection: Selection<Pin>) => ReactNode
}

/** The pins of a list. */
export function PinGrid({ filter, onDeed, empty, renderChosen }: PinGridProps) {
  const navigate = useNavigate()
  const router = useRouter()
  const list = useMemo(() => pinList(filter), [filter])
  return (
    <RowGrid
      label="Pins"
      list={list}
      heightPx={useWide() ? 52 : 88}
      columns={columns}
      heads={heads}
      // "In 20 seconds" stays true.
      nowEveryMs={5_000}
      renderRow={(at) => <PinRow {...at} onDeed={onDeed} />}
      onOpen={({ id }) => void navigate(paths.pin(id))}
      onPoint={({ id }) => void router.preloadRoute(paths.pin(id))}
      onCopy={(pin) => onDeed('copy-cid', pin)}
      empty={empty}
      renderChosen={renderChosen}
    />
  )
}

const cell = 'hidden pr-3 font-medium md:block'

const heads = (
  <>
    <div role="columnheader" className="font-medium">
      Name and CID
    </div>
    <div role="columnheader" className={cell}>
      Status
    </div>
    <div role="columnheader" className={cell}>
      What is happening
    </div>
    <div role="columnheader" className={cell}>
      So far
    </div>
    <div role="columnheader" className={cell}>
      Asked for
    </div>
    <div role="columnheader">
      <span className="sr-only">More</span>
    </div>
  </>
)
