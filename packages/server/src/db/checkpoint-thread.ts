import { parentPort, workerData } from 'node:worker_threads'
import { SqliteConnection } from './sqlite-connection.ts'

/** A thread of its own: copies the log into the file each time it is asked to, and says when that is done. */
if (parentPort === null) throw new Error('This file is run as a worker thread')
const port = parentPort
const connection = new SqliteConnection(String(workerData), { readOnly: false })
port.on('message', () => {
  try {
    connection.pragma('wal_checkpoint(passive)')
  } catch {
    // A full disk: the log keeps what is committed, and writes say themselves when they cannot go on.
  }
  port.postMessage('done')
})
