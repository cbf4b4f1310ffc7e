import { buildOpenApi } from '@pinyon/contract/openapi.ts'
import { buildPostman } from '@pinyon/contract/postman.ts'
import { routeList, routes } from '@pinyon/contract/routes.ts'
import { answer, openDoor, type Door } from '../http/door.ts'
import { loadReferenceScript } from '../http/reference-script.ts'
import { AppError } from '../lib/errors.ts'
import { version } from '../lib/version.ts'
import { openReferenceScript, renderDocsPage } from './docs-page.ts'

const cached = { 'cache-control': 'public, max-age=300' }

/** The page may run only our own scripts and talk only to this server. Styles are made by the script at run time. */
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The reference in its forms: for people, for tools, for Postman. All from the route table. */
export const docsDoors: readonly Door[] = [
  openDoor(routes.openapi, ({ services }) =>
    answer(200, buildOpenApi(routeList, { apiUrl: services.installation.apiUrl, version }), cached),
  ),
  openDoor(routes.postman, ({ services }) =>
    answer(200, buildPostman(routeList, services.installation.apiUrl), cached),
  ),
  openDoor(routes.docs, ({ services }) =>
    answer(200, renderDocsPage(services.installation.apiUrl), {
      ...cached,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': pagePolicy,
    }),
  ),
  openDoor(routes.docsAsset, async ({ params }) => {
    const script =
      params.asset === 'reference.js'
        ? await loadReferenceScript()
        : params.asset === 'open.js'
          ? openReferenceScript
          : undefined
    if (script === undefined) throw new AppError('not_found', 'There is no such file. The reference is at /docs.')
    return answer(200, script, { ...cached, 'content-type': 'text/javascript; charset=utf-8' })
  }),
]
