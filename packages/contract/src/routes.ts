import type { Route } from './route.ts'
import * as groups from './routes/groups.ts'
import * as legacyGroups from './routes/legacy-groups.ts'
import * as analytics from './routes/analytics.ts'
import * as gatewayAccess from './routes/gateway-access.ts'
import * as gatewayPlugins from './routes/gateway-plugins.ts'
import * as gateways from './routes/gateways.ts'
import * as legacy from './routes/legacy.ts'
import * as links from './routes/links.ts'
import * as notSupported from './routes/not-supported.ts'
import * as account from './routes/own/account.ts'
import * as audit from './routes/own/audit.ts'
import * as bulk from './routes/own/bulk.ts'
import * as denials from './routes/own/denials.ts'
import * as files from './routes/own/files.ts'
import * as folderUploads from './routes/own/folder-uploads.ts'
import * as health from './routes/own/health.ts'
import * as imports from './routes/own/imports.ts'
import * as keys from './routes/own/keys.ts'
import * as members from './routes/own/members.ts'
import * as names from './routes/own/names.ts'
import * as node from './routes/own/node.ts'
import * as operator from './routes/own/operator.ts'
import * as pins from './routes/own/pins.ts'
import * as sessions from './routes/own/sessions.ts'
import * as setup from './routes/own/setup.ts'
import * as signUp from './routes/own/sign-up.ts'
import * as storage from './routes/own/storage.ts'
import * as totp from './routes/own/totp.ts'
import * as webhooks from './routes/own/webhooks.ts'
import * as pinByCid from './routes/pin-by-cid.ts'
import * as pinPolicy from './routes/pin-policy.ts'
import * as psa from './routes/psa.ts'
import * as swapsAndSignatures from './routes/swaps-and-signatures.ts'
import * as resumable from './routes/resumable.ts'
import * as system from './routes/system.ts'
import * as v3 from './routes/v3.ts'

const own = {
  ...account,
  ...audit,
  ...bulk,
  ...denials,
  ...files,
  ...folderUploads,
  ...health,
  ...imports,
  ...keys,
  ...members,
  ...names,
  ...node,
  ...operator,
  ...pins,
  ...sessions,
  ...setup,
  ...signUp,
  ...storage,
  ...totp,
  ...webhooks,
}

/** The route table: every route of the api listener. A route that is not here does not exist. */
export const routes = {
  ...legacy,
  ...v3,
  ...groups,
  ...legacyGroups,
  ...pinByCid,
  ...pinPolicy,
  ...resumable,
  ...links,
  ...swapsAndSignatures,
  ...psa,
  ...gateways,
  ...gatewayAccess,
  ...gatewayPlugins,
  ...analytics,
  ...notSupported,
  ...own,
  ...system,
}

/** The same as a list, in the order of the reference. */
export const routeList: readonly Route[] = Object.values(routes)
