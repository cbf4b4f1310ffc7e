const anyOrigin = 'http://own.invalid'

/**
 * A path of this origin, as a browser would read `text`, or undefined when it would lead anywhere else: `//host`, a scheme,
 * and all that browsers take for one of them (backslashes, line breaks inside).
 */
export function readOwnPath(text: string): string | undefined {
  // Browsers drop tabs and line breaks from an address and take a backslash for a slash (WHATWG URL, section 4.4).
  if (!/^\/(?!\/)[^\\\p{Cc}]*$/u.test(text)) return undefined
  const url = URL.parse(text, anyOrigin)
  // `/a/..//host` climbs to `//host`, which would be a host where it is used.
  if (url === null || url.origin !== anyOrigin || url.pathname.startsWith('//')) return undefined
  return url.pathname + url.search + url.hash
}
