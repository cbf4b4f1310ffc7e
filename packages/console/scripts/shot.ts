import type { Page } from 'playwright-core'
import type { Samples } from './seed-samples.ts'

/** A page to be photographed. */
export interface Shot {
  readonly name: string
  readonly path: (samples: Samples) => string
  readonly heading: string | RegExp
  readonly signedOut?: boolean
  /** What to arrange before the page is opened: an answer that a set-up server does not give. */
  readonly before?: (page: Page) => Promise<unknown>
  /** What to do on the page first: open a dialog, expand a tree. */
  readonly act?: (page: Page) => Promise<void>
  /** Puts back what that has changed, for the pictures that follow. */
  readonly after?: (page: Page) => Promise<void>
}
