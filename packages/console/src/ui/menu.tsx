import { DropdownMenu } from 'radix-ui'
import { type ReactNode, useCallback, useState } from 'react'
import { classNames } from '../lib/class-names.ts'

interface MenuProps {
  /** What opens it: a button. */
  readonly trigger: ReactNode
  readonly children: ReactNode
  readonly align?: 'start' | 'end'
  /** For callers that open it themselves. */
  readonly isOpen?: boolean
  readonly onOpenChange?: (isOpen: boolean) => void
}

/** A menu of deeds. */
export function Menu({ trigger, children, align = 'end', isOpen, onOpenChange }: MenuProps) {
  const [place, setPlace] = useState<Element | null>(null)
  // Where its trigger stands, so that those who go by landmarks come upon it, and above a dialog that holds the trigger.
  const findPlace = useCallback((trigger: Element | null) => {
    setPlace(trigger?.closest('[role=dialog]') ?? document.querySelector('main'))
  }, [])
  return (
    <DropdownMenu.Root
      modal={false}
      {...(isOpen === undefined ? {} : { open: isOpen })}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      <DropdownMenu.Trigger asChild ref={findPlace}>
        {trigger}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={place}>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="bg-surface border-line z-50 max-w-[calc(100vw-1rem)] min-w-44 rounded-md border p-1 shadow-lg"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

interface MenuItemProps {
  readonly children: ReactNode
  readonly onSelect?: () => void
  readonly isDanger?: boolean
  /** Why it cannot be chosen now. */
  readonly disabledBecause?: string | false | undefined
  /** The child is what is drawn: a link. */
  readonly asChild?: boolean
}

/** One deed of a menu. */
export function MenuItem({ children, onSelect, isDanger = false, disabledBecause, asChild = false }: MenuItemProps) {
  const isOff = typeof disabledBecause === 'string'
  return (
    <DropdownMenu.Item
      asChild={asChild}
      disabled={isOff}
      title={isOff ? disabledBecause : undefined}
      {...(onSelect === undefined ? {} : { onSelect })}
      className={classNames(
        'flex cursor-pointer items-center gap-2 rounded px-2 py-1.5 outline-none select-none [&_svg]:size-4',
        'data-[highlighted]:bg-sunken data-[disabled]:cursor-not-allowed data-[disabled]:text-muted',
        isDanger && 'text-danger',
      )}
    >
      {children}
    </DropdownMenu.Item>
  )
}

/** A heading inside a menu. */
export function MenuLabel({ children }: { readonly children: ReactNode }) {
  return <DropdownMenu.Label className="text-muted text-xs px-2 py-1.5">{children}</DropdownMenu.Label>
}

/** A line between two groups of deeds. */
export function MenuLine() {
  return <DropdownMenu.Separator className="bg-line my-1 h-px" />
}
