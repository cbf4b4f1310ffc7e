import chromium from '@sparticuz/chromium'
import type { TestProject } from 'vitest/node'

/** Unpacks Chromium once for all test files. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('chromiumPath', await chromium.executablePath())
}

declare module 'vitest' {
  interface ProvidedContext {
    chromiumPath: string
  }
}
