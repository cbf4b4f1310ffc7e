import { isAway } from './send-upload.ts'
import { findStanding } from './send-resumable.ts'
import { forgetUnfinished, listLeft, takeUnfinished, type Unfinished } from './unfinished.ts'
import type { Upload, UploadState } from './upload.ts'

/** Tells of each upload that was left unfinished, once no other tab has it. What the server knows no longer is forgotten. */
export function restoreLeft(
  actingAs: Readonly<Record<string, string>>,
  onLeft: (left: Omit<Upload, 'id'>) => void,
): void {
  for (const { id } of listLeft(actingAs)) {
    void takeUnfinished(id).then(async (unfinished) => {
      const state = unfinished === undefined ? undefined : await findState(unfinished)
      if (unfinished === undefined || state === undefined) return
      const { title, network, isCar, isFolder, sizeBytes } = unfinished
      const left = { title, network, isCar, sizeBytes, isFolder, isJoined: false, group: undefined, parts: [] }
      onLeft({ ...left, actingAs, state, unfinished: state.kind === 'done' ? undefined : unfinished })
    })
  }
}

async function findState(unfinished: Unfinished): Promise<UploadState | undefined> {
  const { id, network } = unfinished
  try {
    const found = await findStanding(unfinished)
    if (found?.cid === null) return { kind: 'fileMissing', sentBytes: found.offset }
    // Gone, or its last bytes came in while the page was not there.
    forgetUnfinished(id)
    return found?.cid == null ? undefined : { kind: 'done', file: { id, cid: found.cid, network } }
  } catch (error) {
    if (isAway(error)) return { kind: 'fileMissing', sentBytes: 0 }
    return undefined // not for whoever is signed in now; kept for those who can
  }
}
