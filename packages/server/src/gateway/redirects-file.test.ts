import { describe, expect, it } from 'vitest'
import { expandTarget, findRedirect, readRedirects } from './redirects-file.ts'

/** Where a path leads by these lines. */
function follow(lines: string, path: string): string | undefined {
  const found = findRedirect(readRedirects(lines), path.split('/').slice(1))
  return found === undefined ? undefined : `${found.rule.status} ${expandTarget(found, encodeURIComponent)}`
}

describe('_redirects', () => {
  it('is read line by line, whatever ends a line, and the first rule that fits is the one', () => {
    const lines = '# a comment\r\n\r\n/a /b\r\n  /a\t/never 302  \n/c /d 302\n'
    expect(follow(lines, '/a')).toBe('301 /b')
    expect(follow(lines, '/c')).toBe('302 /d')
    expect(follow(lines, '/x')).toBeUndefined()
    expect(follow(lines, '/a/b')).toBeUndefined()
  })

  it('fills placeholders and the rest in, encoded', () => {
    expect(follow('/posts/:year/:title /articles/:title-:year', '/posts/2022/a b')).toBe('301 /articles/a%20b-2022')
    expect(follow('/s/* /t/:splat 200', '/s/a/b/ü')).toBe('200 /t/a/b/%C3%BC')
    expect(follow('/* /index.html 200', '/')).toBe('200 /index.html')
    expect(follow('/a/* https://other.example/:splat 302', '/a/x/y')).toBe('302 https://other.example/x/y')
    expect(follow('/:a /to/:b', '/x')).toBe('301 /to/:b')
  })

  it('knows the statuses of the specification', () => {
    for (const status of [200, 301, 302, 303, 307, 308, 404, 410, 451])
      expect(follow(`/a /b ${status}`, '/a')).toBe(`${status} /b`)
  })

  it('is not followed at all when a line is none', () => {
    for (const line of [
      '/a',
      '/a /b 301!',
      '/a /b 500',
      '/a /b 999',
      '/a /b 301 /c',
      'a /b',
      '/a b',
      '/a ftp://x/',
      '/a https://other.example/ 200',
      '/a/*/b /c',
      '/:x/:x /c',
    ])
      expect(() => readRedirects(`/fine /fine2\n${line}`), line).toThrow(/could not parse _redirects:/)
  })
})
