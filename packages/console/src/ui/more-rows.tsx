import { useEffect, useRef } from 'react'
import { Button } from './button.tsx'

interface MoreRowsProps {
  readonly onMore: () => void
  readonly isBusy: boolean
}

/** The end of a list that goes on: loads more when it comes into sight, or when it is pressed. */
export function MoreRows({ onMore, isBusy }: MoreRowsProps) {
  const end = useRef<HTMLDivElement>(null)
  const more = useRef(onMore)
  useEffect(() => {
    more.current = onMore
  })
  useEffect(() => {
    if (end.current === null || isBusy) return
    // Before it is in sight, so that whoever scrolls on finds the rows there.
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && more.current(), {
      rootMargin: '600px',
    })
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [isBusy])
  return (
    <div ref={end} className="flex justify-center">
      <Button isBusy={isBusy} onClick={onMore}>
        {isBusy ? 'Loading more…' : 'Show more'}
      </Button>
    </div>
  )
}
