/** How much of a body has left: bytes of it, and of all of it with what the form adds. */
export interface Sent {
  readonly loaded: number
  readonly total: number
}

/**
 * A fetch that says how much of its body has left, which browsers tell only of XMLHttpRequest. The browser reads files
 * from disk as they are sent. Fails with a TypeError, as fetch does, when there is no answer.
 */
export function fetchWithProgress(onProgress: (sent: Sent) => void): typeof fetch {
  return (input, init = {}) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.open(init.method ?? 'GET', input instanceof Request ? input.url : input)
      for (const [name, value] of new Headers(init.headers)) request.setRequestHeader(name, value)
      request.upload.addEventListener('progress', ({ loaded, total }) => onProgress({ loaded, total }))
      request.addEventListener('load', () => resolve(toResponse(request)))
      request.addEventListener('error', () => reject(new TypeError('the connection was lost')))
      request.addEventListener('abort', () => reject(new DOMException('Cancelled', 'AbortError')))
      init.signal?.addEventListener('abort', () => request.abort())
      if (init.signal?.aborted === true) request.abort()
      else request.send(init.body as FormData | Blob) // nothing else is sent this way
    })
}

function toResponse(request: XMLHttpRequest): Response {
  const headers = request
    .getAllResponseHeaders()
    .split('\r\n')
    .map((line) => /^([^:]+): (.*)$/.exec(line))
    .flatMap((match): [string, string][] => (match === null ? [] : [[match[1] ?? '', match[2] ?? '']]))
  return new Response(request.responseText === '' ? null : request.responseText, { status: request.status, headers })
}
