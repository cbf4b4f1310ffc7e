import type { TestProject } from 'vitest/node'
import { unpackChromium } from './chromium-path.ts'

/** Unpacks Chromium once for all test files. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('chromiumPath', await unpackChromium())
}

declare module 'vitest' {
  interface ProvidedContext {
    chromiumPath: string
  }
}
