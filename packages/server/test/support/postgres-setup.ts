import { readFile } from 'node:fs/promises'
import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The one PostgreSQL of this test run: make a database of your own there with `createDatabase`. */
    postgresUrl: string
  }
}

/** Starts one PostgreSQL for the whole run, unless only unit tests run that say nothing of it. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const files = project.vitest.state.getPaths()
  const wanted = await Promise.all(files.map(wantsPostgres))
  if (!wanted.includes(true)) return undefined
  const postgres = await startPostgres()
  project.provide('postgresUrl', postgres.url)
  return () => postgres.stop()
}

async function wantsPostgres(file: string): Promise<boolean> {
  if (!file.includes('/src/') && !file.includes('/scripts/')) return true
  return /postgres|\/test\/support\//.test(await readFile(file, 'utf8'))
}
