import { Notice } from '../../ui/notice.tsx'

/** Says where gateways are reached, and what they show. */
export function WhereServed() {
  return (
    <Notice>
      <p>
        A gateway is reached by its name below this installation's gateway host, and by its own domains. Without tokens,
        hosts or addresses it shows the public files of this account; with any of them, every public file, to whoever
        one of them lets in.
      </p>
    </Notice>
  )
}
