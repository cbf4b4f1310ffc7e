import { expect, it } from 'vitest'
import { findForbiddenImports } from './imports.ts'

const src = 'packages/server/src'

function problemsOf(path: string, text: string): string[] {
  return findForbiddenImports(new Map([[path, text]]))
}

it.each([
  ['a door that imports another', `${src}/api/pins.ts`, `import { send } from '../gateway/send.ts'`],
  ['http that imports a door', `${src}/http/door.ts`, `import { addPin } from '../api/psa.ts'`],
  ['a domain folder that imports one to its right', `${src}/keys/a.ts`, `import { pin } from '../pins/pin.ts'`],
  ['a type from the right', `${src}/keys/a.ts`, `import type { Pin } from '../pins/pin.ts'`],
  ['a type named in place', `${src}/keys/a.ts`, `const pin: import('../pins/pin.ts').Pin = x`],
  ['a domain that imports a door', `${src}/files/a.ts`, `export * from '../http/parse.ts'`],
  ['storage that knows the domain', `${src}/db/a.ts`, `import {\n  file,\n} from '../files/file.ts'`],
  ['storage that knows other storage', `${src}/blobs/a.ts`, `import { open } from '../db/open.ts'`],
  ['a small tool that knows storage', `${src}/lib/a.ts`, `import '../db/open.ts'`],
  ['services by value', `${src}/pins/a.ts`, `import { services } from '../services.ts'`],
  ['config by value', `${src}/pins/a.ts`, `import { readConfig } from '../config/config.ts'`],
  ['config in storage', `${src}/blobs/a.ts`, `import type { Config } from '../config/config.ts'`],
  ['app from a door', `${src}/api/a.ts`, `import { openApp } from '../app.ts'`],
  ['main from app', `${src}/app.ts`, `import './main.ts'`],
  ['a folder nobody knows', `${src}/pins/a.ts`, `import { x } from '../helpers/x.ts'`],
  ['a test from a source', `${src}/pins/a.ts`, `import { x } from '../../test/support/app.ts'`],
  ['the framework outside http', `${src}/api/a.ts`, `import Fastify from 'fastify'`],
  ['a plugin of it', `${src}/api/a.ts`, `import docs from '@scalar/fastify-api-reference'`],
  ['a door from the types that all know', `${src}/caller.ts`, `import type { Door } from './http/door.ts'`],
  ['the way around by the opening', `${src}/db/a.ts`, `import { dataDir } from '../data-dir.ts'`],
  ['a contract with more than zod', 'packages/contract/src/a.ts', `import { x } from 'node:crypto'`],
  ['a contract that knows the server', 'packages/contract/src/a.ts', `import { x } from '../../server/src/lib/x.ts'`],
  [
    'a command that knows the server',
    'packages/cli/src/commands/ls.ts',
    `import { x } from '../../../server/src/app.ts'`,
  ],
  ['acceptance that knows the server', 'acceptance/a.ts', `const x = await import('../packages/server/src/app.ts')`],
  ['a server that knows the command line', `${src}/main.ts`, `import { x } from '@pinyon/cli/main.ts'`],
  ['a page that knows another page', 'packages/console/src/pages/a.tsx', `import { B } from './b.tsx'`],
  ['a part that knows the domain', 'packages/console/src/ui/a.tsx', `import { x } from '../api/session.ts'`],
  [
    'a part that knows the contract',
    'packages/console/src/ui/a.tsx',
    `import { routes } from '@pinyon/contract/routes.ts'`,
  ],
  ['a console that knows the server', 'packages/console/src/api/a.ts', `import { x } from '@pinyon/server/app.ts'`],
])('refuses %s', (_, path, text) => {
  expect(problemsOf(path, text)).toHaveLength(1)
})

it.each([
  [`${src}/main.ts`, `import { openApp } from './app.ts'`],
  [`${src}/app.ts`, `import { serve } from './http/serve.ts'`],
  [`${src}/api/pins.ts`, `import { door } from '../http/door.ts'`],
  [`${src}/api/pins.ts`, `import { addPin } from '../pins/add-pin.ts'`],
  [`${src}/files/a.ts`, `import { retainPin } from '../pins/queries.ts'`],
  [`${src}/files/a.ts`, `import type { Services } from '../services.ts'`],
  [`${src}/services.ts`, `import type { KeyCache } from './keys/key-cache.ts'`],
  [`${src}/db/a.ts`, `import { AppError } from '../lib/errors.ts'`],
  [`${src}/lib/errors.ts`, `import type { ErrorCode } from '@pinyon/contract/errors.ts'`],
  [`${src}/http/multipart.ts`, `import Busboy from '@fastify/busboy'`],
  [`${src}/data-dir.ts`, `import { ConfigError, type Config } from './config/config.ts'`],
  [`${src}/keys/a.ts`, `import { requireAdmin } from '../caller.ts'`],
  [`${src}/config/read-config.test.ts`, `import { readConfig } from './config/config.ts'`],
  [`${src}/pins/a.test.ts`, `import { openApp } from '../../test/support/app.ts'`],
  ['packages/contract/src/a.ts', `import { z } from 'zod'`],
  ['packages/cli/src/commands/admin-verify.ts', `import { x } from '../../../server/src/app.ts'`],
  ['packages/cli/src/commands/ls.ts', `import { routes } from '@pinyon/contract/routes.ts'`],
  ['packages/console/src/pages/a.tsx', `import { Button } from '../ui/button.tsx'`],
  ['packages/console/src/pages/keys/a.tsx', `import { B } from './b.tsx'`],
  ['packages/console/src/api/a.ts', `import { routes } from '@pinyon/contract/routes.ts'`],
  ['bench/run.ts', `import { x } from '../packages/server/src/ipfs/import.ts'`],
  [`${src}/pins/a.ts`, ` * import { x } from '../http/door.ts'`],
])('lets %s say: %s', (path, text) => {
  expect(problemsOf(path, text)).toEqual([])
})
