import chromium from '@sparticuz/chromium'

/** Unpacks Chromium where that was not done yet. Answers where its program is. */
export function unpackChromium(): Promise<string> {
  return chromium.executablePath()
}
