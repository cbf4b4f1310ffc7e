import { classNames } from '../lib/class-names.ts'

/** Whether what happens elsewhere shows on the page by itself. */
export function LiveMark({ isLive }: { readonly isLive: boolean }) {
  return (
    <span
      title={
        isLive ? 'What happens elsewhere shows here at once.' : 'What happens elsewhere shows when it is asked for.'
      }
      className="text-muted text-table inline-flex items-center gap-1.5 whitespace-nowrap"
    >
      <span aria-hidden className={classNames('size-2 rounded-full', isLive ? 'bg-ok' : 'bg-edge')} />
      {isLive ? 'Live' : 'Not live'}
    </span>
  )
}
