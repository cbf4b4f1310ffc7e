import { explain } from '../api/explain.ts'
import { Notice } from '../ui/notice.tsx'

/** Why what was submitted was not done, in the server's words, with its code. */
export function FormError({ error }: { readonly error: unknown }) {
  const { message, code } = explain(error)
  return (
    <Notice tone="danger" isUrgent>
      <p className="break-words">{message}</p>
      {code !== undefined && <p className="text-muted font-mono text-xs">{code}</p>}
    </Notice>
  )
}
