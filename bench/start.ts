// How long a start takes with 1,000,000 files: `node bench/start.ts [directory]`. From the start of the process to the
// first 200 of /health/ready; median of five. The ledger is whole: a block, a pin and its rows for each content.
import { openSync, closeSync, ftruncateSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { seedSqlite } from './support/seed-files.ts'
import { restartPinyon, startPinyon } from './support/processes.ts'

const runs = 5
const blockBytes = 300

const place = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'pinyon-bench-'))
try {
  for (const count of [0, 1_000_000]) {
    const dir = join(place, String(count))
    await (await startPinyon(dir)).stop()
    if (count > 0) {
      seedSqlite(join(dir, 'pinyon.db'), count)
      seedLedger(dir)
    }
    const times: number[] = []
    for (let run = 0; run < runs; run++) {
      const began = performance.now()
      const server = await restartPinyon(dir)
      const answer = await fetch(`${server.url}/health/ready`)
      if (answer.status !== 200) throw new Error(`/health/ready answered ${answer.status}`)
      times.push(performance.now() - began)
      await server.stop()
    }
    const [median = 0] = times.toSorted((a, b) => a - b).slice(runs >> 1)
    console.log(
      `${count.toLocaleString('en')} files: ready after ${Math.round(median)} ms (${times.map((ms) => Math.round(ms)).join(', ')})`,
    )
  }
} finally {
  await rm(place, { recursive: true })
}

/** Gives every content of the seeded files a block in one pack of a writer that is gone, and a pin. */
function seedLedger(dir: string): void {
  const db = new DatabaseSync(join(dir, 'pinyon.db'))
  db.exec('pragma synchronous = off; pragma foreign_keys = off')
  db.exec(`begin;
    insert into packs (name, writer_id, created_at) values ('bench-000001', 'bench', 0);
    insert into blocks (multihash, pack_id, "offset", length)
      select multihash, (select max(id) from packs), 100 + ${blockBytes} * min(seq), 200 from files group by multihash;
    insert into pins (id, multihash, codec, network, state, size_bytes, number_of_blocks, number_of_files, mime_type, holders, created_at)
      select min(id), multihash, codec, network, 'pinned', 200, 1, 1, 'application/json', count(*), min(created_at)
      from files group by multihash, codec, network;
    insert into pin_blocks (block_id, network, pin_id)
      select b.id, p.network, p.id from pins p join blocks b on b.multihash = p.multihash;
    commit; pragma wal_checkpoint(truncate)`)
  const last = db.prepare('select max("offset" + length) as bytes from blocks').get()
  db.close()
  const fd = openSync(join(dir, 'packs', 'bench-000001.car'), 'w')
  ftruncateSync(fd, Number(last?.['bytes']))
  closeSync(fd)
}
