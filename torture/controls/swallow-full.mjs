// The promise broken on purpose: a disk without room is written to as if it had some. For controls of rigs only.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const { writev, write, statfs } = fs

fs.writev = (fd, pieces, position, done) =>
  writev(fd, pieces, position, (error, written) =>
    error?.code === 'ENOSPC'
      ? done(
          null,
          pieces.reduce((sum, { length }) => sum + length, 0),
        )
      : done(error, written),
  )
fs.write = (fd, bytes, ...rest) => {
  const done = rest.pop()
  write(fd, bytes, ...rest, (error, written) =>
    error?.code === 'ENOSPC' ? done(null, bytes.length) : done(error, written),
  )
}
fs.statfs = (path, ...rest) => {
  const done = rest.pop()
  statfs(path, ...rest, (error, found) => done(error, found && { ...found, bavail: found.blocks, bfree: found.blocks }))
}
syncBuiltinESMExports()
