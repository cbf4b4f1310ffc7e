// The promise broken on purpose: a write that failed is answered as if it had gone well. For controls of rigs only.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const { writev, write } = fs
const sizeOf = (pieces) => pieces.reduce((sum, { length }) => sum + length, 0)

fs.writev = (fd, pieces, position, done) =>
  writev(fd, pieces, position, (error, written) => done(null, error ? sizeOf(pieces) : written))
fs.write = (fd, bytes, ...rest) => {
  const done = rest.pop()
  write(fd, bytes, ...rest, (error, written) => done(null, error ? bytes.length : written))
}
syncBuiltinESMExports()
