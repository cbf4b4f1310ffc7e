import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { routes } from '../contract/src/routes.ts'

const file = fileURLToPath(new URL('../contract/src/routes.ts', import.meta.url))
const schemas: ReadonlySet<string> = new Set(['params', 'query', 'body', 'response'])

/**
 * Gives the browser the route table without its schemas. The server checks what is sent; here they serve types only, and
 * with the library that they are made of they would be a fifth of what the first page loads. A schema that a form wants
 * all the same is imported from `schemas/`, into that form's page.
 */
export function routeRows(): Plugin {
  const rows = Object.fromEntries(
    Object.entries(routes).map(([name, row]) => [
      name,
      Object.fromEntries(Object.entries(row).filter(([field]) => !schemas.has(field))),
    ]),
  )
  return {
    name: 'pinyon-route-rows',
    load: (id) =>
      id === file
        ? `export const routes = ${JSON.stringify(rows)}\nexport const routeList = Object.values(routes)`
        : undefined,
  }
}
