import { classNames } from '../lib/class-names.ts'

interface ProgressProps {
  readonly label: string
  /** From 0 to 1; undefined while it is not known. */
  readonly share: number | undefined
  readonly tone?: 'accent' | 'danger' | 'ok'
}

/** How far something is. */
export function Progress({ label, share, tone = 'accent' }: ProgressProps) {
  const percent = share === undefined ? undefined : Math.round(Math.min(1, Math.max(0, share)) * 100)
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === undefined ? {} : { 'aria-valuenow': percent })}
      className="bg-sunken border-line h-1.5 overflow-hidden rounded-full border"
    >
      <div
        className={classNames(
          'h-full transition-[width]',
          tone === 'accent' && 'bg-accent',
          tone === 'danger' && 'bg-danger',
          tone === 'ok' && 'bg-ok',
          percent === undefined && 'animate-pulse',
        )}
        style={{ width: `${percent ?? 100}%` }}
      />
    </div>
  )
}
