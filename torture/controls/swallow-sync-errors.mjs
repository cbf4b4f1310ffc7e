// The promise broken on purpose: a sync that failed is answered as if it had gone well. For controls of rigs only.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const { fdatasync, fsync } = fs

fs.fdatasync = (fd, done) => fdatasync(fd, () => done(null))
fs.fsync = (fd, done) => fsync(fd, () => done(null))
syncBuiltinESMExports()
