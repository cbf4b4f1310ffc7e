import { routeList } from '@pinyon/contract/routes.ts'
import type { Route } from '@pinyon/contract/route.ts'

const patterns = routeList.flatMap((row) =>
  [row.path, ...(row.aliases ?? []).map((alias) => alias.path)].map((path) => ({
    row,
    pattern: new RegExp(`^${path.replace(':network', '(public|private)').replace(/:\w+/g, '[^/]+')}/?$`),
  })),
)

/** The methods that the route table has at an address; empty when there is no such route. */
export function methodsAt(url: string): string[] {
  const path = pathOf(url)
  return [
    ...new Set(
      patterns
        .filter(({ pattern }) => pattern.test(path))
        .flatMap(({ row }) => (row.method === 'GET' ? ['GET', 'HEAD'] : [row.method])),
    ),
  ]
}

/** The row at an address, for a preflight: the one of the method, or any. */
export function rowAt(url: string, method: string): Route | undefined {
  const path = pathOf(url)
  const here = patterns.filter(({ pattern }) => pattern.test(path))
  return (here.find(({ row }) => row.method === method) ?? here[0])?.row
}

/** The row at an address whose headers `OPTIONS` tells beside CORS: those that all its answers have. */
export function tellingRowAt(url: string): Route | undefined {
  const path = pathOf(url)
  return patterns.find(({ row, pattern }) => row.answerHeaders !== undefined && pattern.test(path))?.row
}

/** The path of an address; slashes that programs double count once. */
function pathOf(url: string): string {
  return (url.split('?', 1)[0] ?? '').replace(/\/{2,}/g, '/')
}
