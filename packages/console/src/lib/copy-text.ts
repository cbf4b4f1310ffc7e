/**
 * Puts a text on the clipboard. False where the browser does not let pages do that (plain http that is not loopback): the
 * caller then shows it selected, for the reader to copy by hand.
 */
export async function copyText(text: string): Promise<boolean> {
  // Missing outside secure contexts, whatever its type says.
  const clipboard = navigator.clipboard as Clipboard | undefined
  if (clipboard === undefined) return false
  try {
    await clipboard.writeText(text)
    return true
  } catch {
    return false // the reader or the browser refused
  }
}
