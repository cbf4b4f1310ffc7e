import { expect, it } from 'vitest'
import { AppError } from './lib/errors.ts'
import { nameNoRoom } from './no-room.ts'

it('says of a start that failed on a full disk that there is no room, and of others nothing', () => {
  const sqlite = Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 4874 })
  for (const error of [
    sqlite,
    Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }),
    new AppError('storage_full', 'The disk is full'),
  ])
    expect(nameNoRoom(error, '/data', 0)).toMatchObject({
      name: 'ConfigError',
      message: expect.stringMatching(/^The disk of \/data is full: 0 bytes are free/),
      cause: error,
    })
  expect(nameNoRoom(sqlite, '/data', 64 * 1024 * 1024)).toBe(sqlite)
  const other = new Error('The port is taken')
  expect(nameNoRoom(other, '/data', 0)).toBe(other)
  expect(nameNoRoom(sqlite, '/no such directory')).toBe(sqlite)
})
