import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { createDatabase } from '../../test/support/postgres.ts'
import { openDatabase } from '../db/database.ts'
import { systemClock } from '../lib/clock.ts'
import { jobsSuite } from './jobs.suite.ts'

describe('jobs on SQLite', () => {
  let dir = ''
  let files = 0
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pinyon-jobs-'))
  })
  afterAll(() => rm(dir, { recursive: true }))
  jobsSuite(() => openDatabase({ kind: 'sqlite', file: join(dir, `${++files}.db`) }, { clock: systemClock }))
})

describe('jobs on PostgreSQL', () => {
  jobsSuite(async () => {
    const url = await createDatabase(inject('postgresUrl'))
    return openDatabase({ kind: 'postgres', url }, { clock: systemClock })
  })
})
