import { Link } from '@tanstack/react-router'
import { Copy, EllipsisVertical, ExternalLink, FolderInput, Link2, Pencil, PinOff } from 'lucide-react'
import type { File } from '../../api/files.ts'
import { paths } from '../../paths.ts'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx'

/** What can be done to a file from the list. */
export type FileDeed = 'copy-cid' | 'copy-link' | 'rename' | 'move' | 'unpin'

interface FileMenuProps {
  readonly file: File
  readonly onClose: () => void
  readonly onDeed: (deed: FileDeed, file: File) => void
}

/** The menu of a row, open from the start. */
export function FileMenu({ file, onClose, onDeed }: FileMenuProps) {
  return (
    <Menu
      isOpen
      onOpenChange={(isOpen) => isOpen || onClose()}
      trigger={
        <Button look="quiet" size="icon" className="size-7!" aria-label={`More for ${file.name ?? file.cid}`}>
          <EllipsisVertical />
        </Button>
      }
    >
      <MenuItem asChild>
        <Link {...paths.file(file.id)}>
          <ExternalLink />
          Open
        </Link>
      </MenuItem>
      <MenuItem onSelect={() => onDeed('copy-cid', file)}>
        <Copy />
        Copy CID
      </MenuItem>
      <MenuItem
        disabledBecause={file.network === 'private' && 'A private file is read by link: share it from its page.'}
        onSelect={() => onDeed('copy-link', file)}
      >
        <Link2 />
        Copy gateway link
      </MenuItem>
      <MenuLine />
      <MenuItem onSelect={() => onDeed('rename', file)}>
        <Pencil />
        Rename
      </MenuItem>
      <MenuItem onSelect={() => onDeed('move', file)}>
        <FolderInput />
        Move to group
      </MenuItem>
      <MenuItem isDanger onSelect={() => onDeed('unpin', file)}>
        <PinOff />
        Unpin
      </MenuItem>
    </Menu>
  )
}
