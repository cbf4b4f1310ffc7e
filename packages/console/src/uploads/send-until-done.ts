import { isServerReady, pause, untilServerReady } from '../lib/server-ready.ts'
import { sendFolder } from './send-folder.ts'
import { isHeld, isResumable, sendResumable, type Telling } from './send-resumable.ts'
import { CannotSend, findUnreadable, isAway, sendUpload } from './send-upload.ts'
import type { Upload, UploadedFile } from './upload.ts'

/** Tries of one upload whose connection breaks although the server answers. */
const mostTries = 4

interface Waiting extends Telling {
  /** The server does not answer. */
  readonly onWaiting: () => void
  /** It may again. */
  readonly onBack: () => void
}

/**
 * Sends an upload, however often the server goes away meanwhile: a resumable one from where it stands, any other from its
 * beginning. Throws what the server refuses, and `CannotSend` for a file that cannot be read any more.
 */
export async function sendUntilDone(
  current: () => Upload,
  telling: Waiting,
  signal: AbortSignal,
): Promise<UploadedFile> {
  let stood = 0
  for (let tries = 1; ; tries++) {
    const upload = current()
    const resumable = isResumable(upload)
    let stands = 0
    const onStands = (bytes: number) => telling.onStands((stands = bytes))
    try {
      if (resumable) {
        const send = upload.isFolder ? sendFolder : sendResumable
        return await send(upload, { ...telling, onStands }, signal)
      }
      onStands(0)
      return await sendUpload(upload, telling.onSent, signal)
    } catch (error) {
      if (signal.aborted || !(isAway(error) || (resumable && isHeld(error)))) throw error
      telling.onWaiting()
      if (await isServerReady()) {
        const path = await findUnreadable(upload.parts)
        if (path !== undefined)
          throw new CannotSend(`${path} cannot be read any more: it was changed, moved or deleted since you chose it.`)
        // What brought bytes was no try in vain.
        if (stands > stood) tries = 1
        stood = Math.max(stood, stands)
        if (tries >= mostTries) throw error
        await pause(1_000 * tries, signal)
      } else {
        tries = 0
        await untilServerReady(signal)
      }
      telling.onBack()
    }
  }
}
