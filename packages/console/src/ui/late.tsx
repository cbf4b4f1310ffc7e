import { useEffect, useState } from 'react'

/** "Loading…" in the place of what is waited for, but only once that takes longer than a blink. */
export function Late() {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300)
    return () => clearTimeout(timer)
  }, [])
  return (
    <p role="status" className="text-muted min-h-5">
      {isLate ? 'Loading…' : ''}
    </p>
  )
}
