import { useBlocker } from '@tanstack/react-router'
import type { ComponentProps } from 'react'
import { KeyShown } from './key-shown.tsx'

/**
 * The three values of a key over a page that holds still: going back in the browser neither loses them uncopied nor
 * finds them again afterwards.
 */
export function NewValues(props: ComponentProps<typeof KeyShown>) {
  useBlocker({ shouldBlockFn: () => true, enableBeforeUnload: false })
  return <KeyShown {...props} />
}
