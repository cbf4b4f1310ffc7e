import { Notice } from '../ui/notice.tsx'

/** On plain http that is not loopback, says what does not work there and what helps. */
export function Insecure() {
  if (window.isSecureContext) return null
  return (
    <Notice tone="warn">
      <p className="font-medium">Signing in needs https</p>
      <p>
        This page came over plain http, where browsers keep no session and anybody on the way can read along. Put a
        proxy that ends TLS in front of the server and name its address in <code>PINYON_API_URL</code>, or have the
        server do it with <code>PINYON_TLS=local</code> where its version can. On the machine itself, http://127.0.0.1
        does as well.
      </p>
      <p>API keys and ./pinyon work as they are. Copy buttons select the text instead: copy it by hand.</p>
    </Notice>
  )
}
