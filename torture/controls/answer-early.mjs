// The promise broken on purpose: what is answered as committed is committed a little later. For controls of rigs only.
import { DatabaseSync } from 'node:sqlite'

const lateMs = 60
const prepare = Reflect.get(DatabaseSync.prototype, 'prepare')

DatabaseSync.prototype.prepare = function (sql, ...rest) {
  const statement = prepare.call(this, sql, ...rest)
  if (sql === 'begin immediate')
    return { columns: () => [], run: () => (this.isTransaction ? undefined : statement.run()) }
  // Asked for after each commit, and not possible while it is not made.
  if (sql.startsWith('pragma wal_checkpoint'))
    return {
      columns: () => [{}],
      all: () => (this.isTransaction ? [{ busy: 0, log: 0, checkpointed: 0 }] : statement.all()),
    }
  if (sql !== 'commit') return statement
  let timer
  const commit = () => {
    timer = undefined
    if (this.isTransaction) statement.run()
  }
  return { columns: () => [], run: () => void (timer ??= setTimeout(commit, lateMs)) }
}
