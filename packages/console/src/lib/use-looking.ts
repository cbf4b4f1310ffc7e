import { useEffect, useRef } from 'react'

/** Gives a signal that is aborted when what asks for it goes: the server goes on without anybody who looks. */
export function useLooking(): () => AbortSignal {
  const ending = useRef<AbortController>(undefined)
  useEffect(() => () => ending.current?.abort(), [])
  return () => {
    ending.current = new AbortController()
    return ending.current.signal
  }
}
