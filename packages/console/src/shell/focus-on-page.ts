import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'

/**
 * After going to another page, the focus stands on its heading: screen readers say where they are, and the next Tab goes
 * into the page. Loading an address anew leaves the focus to the browser, and so does a change of filters.
 */
export function useFocusOnPage(): void {
  const router = useRouter()
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
        if (fromLocation === undefined || !pathChanged) return
        const page = document.getElementById('page')
        ;(page?.querySelector('h1') ?? page)?.focus({ preventScroll: true })
      }),
    [router],
  )
}
