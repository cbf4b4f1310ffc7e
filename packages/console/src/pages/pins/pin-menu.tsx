import { Link } from '@tanstack/react-router'
import { Copy, EllipsisVertical, ExternalLink, Globe, PinOff, RotateCw } from 'lucide-react'
import { removalWords, titleOf } from '../../api/pin-words.ts'
import type { Pin } from '../../api/pins.ts'
import { useWhoami } from '../../api/session.ts'
import { paths } from '../../paths.ts'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx'

/** What can be done to a pin from the list. */
export type PinDeed = 'copy-cid' | 'retry' | 'remove'

interface PinMenuProps {
  readonly pin: Pin
  readonly onClose: () => void
  readonly onDeed: (deed: PinDeed, pin: Pin) => void
}

/** The menu of a row, open from the start. */
export function PinMenu({ pin, onClose, onDeed }: PinMenuProps) {
  const { urls } = useWhoami()
  const isPinned = pin.status === 'pinned'
  const gateway = (
    <>
      <Globe />
      Open in gateway
    </>
  )
  return (
    <Menu
      isOpen
      onOpenChange={(isOpen) => isOpen || onClose()}
      trigger={
        <Button look="quiet" size="icon" className="size-7!" aria-label={`More for ${titleOf(pin)}`}>
          <EllipsisVertical />
        </Button>
      }
    >
      <MenuItem asChild>
        <Link {...paths.pin(pin.id)}>
          <ExternalLink />
          Open
        </Link>
      </MenuItem>
      <MenuItem onSelect={() => onDeed('copy-cid', pin)}>
        <Copy />
        Copy CID
      </MenuItem>
      {isPinned ? (
        <MenuItem asChild>
          <a href={`${urls.gateway}/ipfs/${pin.cid}`} target="_blank" rel="noreferrer">
            {gateway}
          </a>
        </MenuItem>
      ) : (
        <MenuItem disabledBecause="It is not here yet.">{gateway}</MenuItem>
      )}
      <MenuLine />
      <MenuItem disabledBecause={isPinned && 'It is pinned already.'} onSelect={() => onDeed('retry', pin)}>
        <RotateCw />
        Retry now
      </MenuItem>
      <MenuItem isDanger onSelect={() => onDeed('remove', pin)}>
        <PinOff />
        {removalWords[pin.status].verb}…
      </MenuItem>
    </Menu>
  )
}
