import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useSession } from '../api/session.ts'
import { isTyping } from '../lib/is-typing.ts'
import { hasSingleKeys } from '../lib/single-keys.ts'
import { openChoosing } from '../uploads/choosing.ts'
import { destinationsOf } from './destinations.ts'

/** After G the letter of a page is waited for so long. */
const secondKeyMs = 1_500

/** Keys that do something on every page, while nobody types: `?`, `/`, U, and G with the letter of a page. */
export function useKeys(openKeys: () => void): void {
  const navigate = useNavigate()
  const pages = destinationsOf(useSession())
  const goingSince = useRef(-Infinity)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return
      // The list of keys stays in reach: that is where they are turned on again.
      if (!hasSingleKeys() && event.key !== '?') return
      const isSecond = event.timeStamp - goingSince.current < secondKeyMs
      goingSince.current = -Infinity
      const page = isSecond ? pages.find(({ letter }) => letter === event.key.toLowerCase()) : undefined
      if (page !== undefined) void navigate(page.link)
      else if (event.key === 'g') goingSince.current = event.timeStamp
      else if (event.key === '?') openKeys()
      else if (event.key === 'u') openChoosing()
      else if (event.key === '/') {
        const search = document.querySelector<HTMLElement>('main input[type=search]')
        if (search === null) return
        search.focus()
      } else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [navigate, pages, openKeys])
}
