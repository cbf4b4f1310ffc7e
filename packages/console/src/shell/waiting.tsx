/** What stands in the place of a page that takes longer than a blink. */
export function Waiting() {
  return (
    <p role="status" className="text-muted p-4">
      Loading…
    </p>
  )
}
