import { expect, it, onTestFinished } from 'vitest'
import { AppError } from '../lib/errors.ts'
import type { Database } from '../db/interface.ts'
import { translatePostgresError } from '../db/postgres-errors.ts'
import { WriteFaults } from './write-faults.ts'

it('tells of a PostgreSQL that is gone or read-only until it takes a write, and not of one that is busy', async () => {
  const nothing = () => undefined
  const faults = new WriteFaults({ clock: { now: () => 7 }, log: { error: nothing, info: nothing } })
  onTestFinished(() => faults.close())
  let code: string | undefined
  const write = async () => {
    if (code !== undefined) throw translatePostgresError(Object.assign(new Error('said by the server'), { code }))
  }
  const db = faults.ofDatabase({ write } as Partial<Database> as Database) // nothing else of it is used
  const attempt = () => db.write(async () => undefined).catch((error: unknown) => error)
  for (const busy of ['40001', '53300', '57014']) {
    code = busy
    expect(await attempt()).toBeInstanceOf(AppError)
    expect(faults.told, busy).toEqual({})
  }
  for (const gone of ['ECONNREFUSED', '57P01', '25006']) {
    code = gone
    expect(await attempt()).toBeInstanceOf(AppError)
    expect(faults.told, gone).toEqual({ storage: 'failing' })
    expect(faults.list()).toMatchObject([{ part: 'database', message: expect.stringContaining('said by the server') }])
    code = undefined
    await attempt()
    expect(faults.told).toEqual({})
  }
})
