import { useWhoami } from '../api/session.ts'

const link = 'hover:text-ink underline underline-offset-2'

/** What leads out of the console: the reference of the API, and the operator's address if they gave one. */
export function FurtherLinks() {
  const { contact } = useWhoami()
  return (
    <p className="text-muted flex gap-3 px-2 text-xs">
      <a href="/docs" className={link}>
        API reference
      </a>
      {contact !== null && (
        <a href={contact} target="_blank" rel="noreferrer" className={link}>
          Feedback
        </a>
      )}
    </p>
  )
}
