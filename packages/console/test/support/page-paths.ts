import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const router = fileURLToPath(new URL('../../src/router/', import.meta.url))

/**
 * The path of every page for those signed in, or of those before that, read from the console's routes: a page that is
 * added cannot be forgotten.
 */
export function readPagePaths(parent: 'signedIn' | 'root' = 'signedIn'): string[] {
  const paths = readdirSync(router).flatMap((file) =>
    readFileSync(`${router}${file}`, 'utf8')
      .split('createRoute(')
      .filter((route) => route.includes(`getParentRoute: () => ${parent},`))
      .flatMap((route) => /path: '([^']+)'/.exec(route)?.slice(1) ?? []),
  )
  if (paths.length < (parent === 'root' ? 5 : 15)) throw new Error(`only ${paths.length} pages were found in ${router}`)
  return paths
}
