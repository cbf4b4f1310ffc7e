import type { Route } from './route.ts'
import { tagsOf } from './tags.ts'

/** The route table as a Postman v2.1 collection with the variables `baseUrl` and `jwt`. */
export function buildPostman(rows: readonly Route[], apiUrl: string): Record<string, unknown> {
  return {
    info: {
      name: 'Pinyon',
      description: 'Set the variable `jwt` to the JWT that was shown when the key was made.',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{jwt}}', type: 'string' }] },
    variable: [
      { key: 'baseUrl', value: apiUrl, type: 'string' },
      { key: 'jwt', value: '', type: 'string' },
    ],
    item: tagsOf(rows).map((tag) => ({ name: tag, item: rows.filter((row) => row.tag === tag).map(item) })),
  }
}

function item(row: Route): Record<string, unknown> {
  return {
    name: row.summary,
    request: {
      method: row.method,
      ...(row.credentials.length === 0 ? { auth: { type: 'noauth' } } : {}),
      description: [`${row.method} ${row.path}`, row.description].filter((line) => line !== undefined).join('\n\n'),
      header: row.bodyKind === 'json' ? [{ key: 'Content-Type', value: 'application/json' }] : [],
      url: {
        raw: `{{baseUrl}}${row.path}`,
        host: ['{{baseUrl}}'],
        path: row.path.slice(1).split('/'),
        variable: [...row.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
          key: name,
          value: name === 'network' ? 'private' : '',
        })),
      },
      ...body(row),
    },
    response: [],
  }
}

function body(row: Route): Record<string, unknown> {
  if (row.bodyKind === 'none') return {}
  if (row.bodyKind === 'bytes') return { body: { mode: 'file', file: {} } }
  if (row.bodyKind === 'multipart') {
    const network = row.dialect === 'v3' ? [{ key: 'network', value: 'private', type: 'text' }] : []
    return { body: { mode: 'formdata', formdata: [{ key: 'file', type: 'file', src: [] }, ...network] } }
  }
  return {
    body: { mode: 'raw', raw: JSON.stringify(examples[row.id] ?? {}, null, 2), options: { raw: { language: 'json' } } },
  }
}

const examples: Readonly<Record<string, unknown>> = {
  pinJSONToIPFS: {
    pinataContent: { hello: 'world' },
    pinataMetadata: { name: 'hello.json' },
    pinataOptions: { cidVersion: 1 },
  },
  hashMetadata: { ipfsPinHash: '', name: 'a new name', keyvalues: { key: 'value' } },
  generateApiKey: { keyName: 'my key', permissions: { endpoints: { pinning: { pinFileToIPFS: true } } } },
  keysCreate: { keyName: 'my key', maxUses: 100, permissions: { resources: ['org:files:write'] } },
  revokeApiKey: { apiKey: '' },
  filesUpdate: { name: 'a new name', keyvalues: { key: 'value' } },
  keysRegenerate: { overlapSeconds: 0 },
}
