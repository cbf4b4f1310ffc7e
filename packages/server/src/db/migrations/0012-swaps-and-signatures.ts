import type { Migration } from './migration.ts'

/** What a gateway is to show in place of a CID, and who signed which CID. */
export const swapsAndSignatures: Migration = {
  version: 12,
  name: 'swaps and signatures',
  statements: (dialect) => {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const flag = sqlite ? 'integer' : 'smallint'
    const text = sqlite ? 'text' : 'text collate "C"'
    const bytes = sqlite ? 'blob' : 'bytea'
    const content = `
        account_id ${text} not null references accounts (id),
        network ${flag} not null check (network in (0, 1)),
        multihash ${bytes} not null,
        codec ${integer} not null,
        created_by_key ${text},
        created_at ${integer} not null`
    return [
      `create table swaps (
        id ${text} primary key,${content},
        mapped_cid ${text}
      ) ${sqlite ? 'strict' : ''}`,
      'create index swaps_content on swaps (account_id, network, multihash, codec, id)',
      `create table signatures (
        id ${text} primary key,${content},
        cid ${text} not null,
        address ${text} not null,
        signature ${text} not null
      ) ${sqlite ? 'strict' : ''}`,
      'create unique index signatures_content on signatures (account_id, network, multihash, codec)',
      // What is public has one signature over all accounts.
      'create unique index signatures_public on signatures (multihash, codec) where network = 1',
    ]
  },
}
