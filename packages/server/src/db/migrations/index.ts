import type { Migration } from './migration.ts'
import { tables } from './0001-tables.ts'
import { listIndexes } from './0002-list-indexes.ts'
import { pinByCid } from './0003-pin-by-cid.ts'
import { severalProcesses } from './0004-several-processes.ts'
import { fairQueues } from './0005-fair-queues.ts'
import { announcements } from './0006-announcements.ts'
import { groups } from './0007-groups.ts'
import { bulk } from './0008-bulk.ts'
import { keyTrees } from './0009-key-trees.ts'
import { keyRecords } from './0010-key-records.ts'
import { links } from './0011-links.ts'
import { swapsAndSignatures } from './0012-swaps-and-signatures.ts'
import { uploads } from './0013-uploads.ts'
import { events } from './0014-events.ts'
import { webhooks } from './0015-webhooks.ts'
import { gateways } from './0016-gateways.ts'
import { fewerEntries } from './0017-fewer-entries.ts'
import { scrubAndReceipts } from './0018-scrub-and-receipts.ts'
import { honestBytes } from './0019-honest-bytes.ts'
import { listenedAccounts } from './0020-listened-accounts.ts'
import { denials } from './0021-denials.ts'
import { auditChain } from './0022-audit-chain.ts'
import { webhookSecrets } from './0030-webhook-secrets.ts'
import { domainProofs } from './0031-domain-proofs.ts'
import { totp } from './0023-totp.ts'
import { signUp } from './0024-sign-up.ts'
import { names } from './0034-names.ts'
import { egress } from './0037-egress.ts'
import { bulkPins } from './0040-bulk-pins.ts'
import { shortNeedles } from './0041-short-needles.ts'
import { queuedPins } from './0042-queued-pins.ts'
import { oneIndexOfPinTimes } from './0043-one-index-of-pin-times.ts'

/** Every migration, oldest first, in whichever order the list below has them. One that stands behind a later one would never run. */
export const migrations: readonly Migration[] = listed().toSorted((one, other) => one.version - other.version)

function listed(): Migration[] {
  return [
    tables,
    listIndexes,
    pinByCid,
    severalProcesses,
    fairQueues,
    announcements,
    groups,
    bulk,
    keyTrees,
    keyRecords,
    links,
    swapsAndSignatures,
    uploads,
    events,
    webhooks,
    gateways,
    fewerEntries,
    scrubAndReceipts,
    honestBytes,
    listenedAccounts,
    denials,
    auditChain,
    webhookSecrets,
    totp,
    signUp,
    names,
    domainProofs,
    egress,
    bulkPins,
    shortNeedles,
    queuedPins,
    oneIndexOfPinTimes,
  ]
}
