import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { isServerReady } from '../lib/server-ready.ts'
import { Notice } from '../ui/notice.tsx'

const askEveryMs = 2_000

/**
 * Says that the server does not answer, for as long as it does not, and has everything asked anew once it does. It looks
 * when the browser says that it is offline and when a request found nobody.
 */
export function OfflineBanner() {
  const queryClient = useQueryClient()
  const [isDown, setDown] = useState(false)
  useEffect(() => {
    const look = () => setDown(true)
    window.addEventListener('offline', look)
    const unsubscribe = queryClient.getQueryCache().subscribe(({ query }) => {
      if (query.state.fetchFailureReason?.name === 'Unreachable') look()
    })
    return () => {
      window.removeEventListener('offline', look)
      unsubscribe()
    }
  }, [queryClient])
  useEffect(() => {
    if (!isDown) return
    const timer = setInterval(() => {
      void isServerReady().then((ready) => {
        if (!ready) return
        setDown(false)
        void queryClient.invalidateQueries()
      })
    }, askEveryMs)
    return () => clearInterval(timer)
  }, [isDown, queryClient])
  return (
    <div role="status" className={isDown ? 'mb-4' : 'sr-only'}>
      {isDown && (
        <Notice tone="warn">
          <p>The server does not answer. This page goes on by itself as soon as it does.</p>
        </Notice>
      )}
    </div>
  )
}
