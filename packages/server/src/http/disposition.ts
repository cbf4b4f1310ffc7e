/**
 * A Content-Disposition header for a name that anybody may have chosen (RFC 6266, RFC 8187): plain ASCII in `filename`,
 * everything in `filename*` where that loses something. Control characters never reach the header.
 */
export function contentDisposition(kind: 'inline' | 'attachment', name: string | undefined): string {
  if (name === undefined || name === '') return kind
  const wellFormed = name.toWellFormed()
  // oxlint-disable-next-line no-control-regex -- control characters are what must not pass
  const plain = wellFormed.replace(/[^\u0020-\u007e]/g, '_').replace(/["\\]/g, '\\$&')
  // oxlint-disable-next-line no-control-regex -- as above
  if (/^[\u0020-\u007e]*$/.test(wellFormed)) return `${kind}; filename="${plain}"`
  const encoded = encodeURIComponent(wellFormed).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`
}
