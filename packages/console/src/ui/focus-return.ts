import { useRef } from 'react'

let latest: HTMLElement | undefined

/**
 * Gives the focus back, when a dialog closes, to what had it before: for the two events of Radix's dialog, which by itself
 * knows only triggers of its own. A menu goes away with the choice of an item, so its trigger has the focus again; a
 * dialog that takes the place of another gives back what that one would have.
 */
export function useFocusReturn() {
  const opener = useRef<HTMLElement>(undefined)
  return {
    onOpenAutoFocus() {
      const active = document.activeElement
      const trigger = active?.closest('[role=menu]')?.getAttribute('aria-labelledby')
      const found = typeof trigger === 'string' ? document.getElementById(trigger) : active
      if (found instanceof HTMLElement && found !== document.body) latest = found
      opener.current = latest
    },
    onCloseAutoFocus() {
      opener.current?.focus()
    },
  }
}
