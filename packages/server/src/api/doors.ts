import type { Door } from '../http/door.ts'
import { accountDoors } from './accounts.ts'
import { auditDoors } from './audit.ts'
import { bulkDoors } from './bulk.ts'
import { denialDoors } from './denials.ts'
import { denylistDoors } from './denylists.ts'
import { docsDoors } from './docs.ts'
import { analyticsDoors } from './analytics.ts'
import { eventDoors } from './events.ts'
import { fileContentDoors } from './file-content.ts'
import { fileListDoors } from './files-list.ts'
import { groupDoors } from './groups.ts'
import { gatewayDoors } from './gateways.ts'
import { folderUploadDoors } from './folder-uploads.ts'
import { healthDoors } from './health.ts'
import { installationHealthDoors } from './installation-health.ts'
import { importDoors } from './imports.ts'
import { keyRecordDoors } from './key-records.ts'
import { keyDoors } from './keys.ts'
import { legacyGroupDoors } from './legacy-groups.ts'
import { legacyKeyDoors } from './legacy-keys.ts'
import { legacyPinningDoors } from './legacy-pinning.ts'
import { linkDoors } from './links.ts'
import { memberDoors } from './members.ts'
import { nodeDoors } from './node.ts'
import { nameDoors } from './names.ts'
import { notSupportedDoors } from './not-supported.ts'
import { ownPinDoors } from './own-pins.ts'
import { pinByCidDoors } from './pin-by-cid.ts'
import { pinPolicyDoors } from './pin-policy.ts'
import { psaDoors } from './psa.ts'
import { resumableDoors } from './resumable.ts'
import { resumableLinkDoors } from './resumable-links.ts'
import { sessionDoors } from './sessions.ts'
import { setUpDoors } from './set-up.ts'
import { signingKeyDoors } from './signing-keys.ts'
import { swapAndSignatureDoors } from './swaps-and-signatures.ts'
import { signUpDoors } from './sign-up.ts'
import { storageDoors } from './storage.ts'
import { totpDoors } from './totp.ts'
import { v3FileDoors } from './v3-files.ts'
import { webhookDoors } from './webhooks.ts'
import { whoamiDoors } from './whoami.ts'

/** Every door of the api listener. The server refuses to start when a row of the route table has none. */
export const doors: readonly Door[] = [
  ...healthDoors,
  ...docsDoors,
  ...setUpDoors,
  ...sessionDoors,
  ...signUpDoors,
  ...totpDoors,
  ...accountDoors,
  ...memberDoors,
  ...auditDoors,
  ...denialDoors,
  ...denylistDoors,
  ...nodeDoors,
  ...whoamiDoors,
  ...keyDoors,
  ...keyRecordDoors,
  ...legacyKeyDoors,
  ...signingKeyDoors,
  ...legacyPinningDoors,
  ...psaDoors,
  ...pinByCidDoors,
  ...pinPolicyDoors,
  ...ownPinDoors,
  ...v3FileDoors,
  ...resumableDoors,
  ...resumableLinkDoors,
  ...fileListDoors,
  ...fileContentDoors,
  ...folderUploadDoors,
  ...importDoors,
  ...storageDoors,
  ...installationHealthDoors,
  ...linkDoors,
  ...swapAndSignatureDoors,
  ...groupDoors,
  ...legacyGroupDoors,
  ...bulkDoors,
  ...webhookDoors,
  ...eventDoors,
  ...nameDoors,
  ...gatewayDoors,
  ...analyticsDoors,
  ...notSupportedDoors,
]
