import { z } from 'zod'
import { outcomes, statusOf, type OutcomeCode } from './errors.ts'
import { describeAsked } from './permissions.ts'
import type { Route } from './route.ts'
import { tagsOf } from './tags.ts'

type Json = Record<string, unknown>

/** What the document says of the installation it describes. */
export interface ApiInfo {
  readonly apiUrl: string
  readonly version: string
}

/**
 * The route table as an OpenAPI 3.1 document. Every row and every alias is an operation; schemas with an id stand once
 * under `components`.
 */
export function buildOpenApi(rows: readonly Route[], info: ApiInfo): Json {
  const components: Json = { ...errorSchemas }
  const paths: Record<string, Json> = {}
  for (const row of rows) {
    const mounts = [
      { path: row.path, alias: false, params: {} },
      ...(row.aliases ?? []).map(({ path, params }) => ({ path, alias: true, params: params ?? {} })),
    ]
    for (const { path, alias, params } of mounts) {
      const key = path.replace(/:(\w+)/g, '{$1}')
      paths[key] = {
        ...paths[key],
        [row.method.toLowerCase()]: operation(row, alias ? path : undefined, Object.keys(params), components),
      }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Pinyon',
      version: info.version,
      description: 'Pinning, files, keys. Programs written for Pinata work when their host is changed to this one.',
      license: { name: 'Apache-2.0 OR MIT', identifier: 'Apache-2.0 OR MIT' },
    },
    servers: [{ url: info.apiUrl }],
    tags: tagsOf(rows).map((name) => ({ name })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        jwt: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The JWT that was shown when the key was made.',
        },
        apiKey: { type: 'apiKey', in: 'header', name: 'pinata_api_key', description: 'With pinata_secret_api_key.' },
        apiSecret: { type: 'apiKey', in: 'header', name: 'pinata_secret_api_key', description: 'With pinata_api_key.' },
      },
    },
  }
}

const bodyTypes = {
  json: 'application/json',
  multipart: 'multipart/form-data',
  bytes: 'application/offset+octet-stream',
} as const

function operation(row: Route, aliasPath: string | undefined, implied: readonly string[], components: Json): Json {
  const asked = row.credentials.length === 0 ? 'No credential.' : `Needs ${describeAsked(row)}.`
  const mounted = aliasPath ?? row.path
  return {
    // An alias is an operation of its own for tools, so it has its own id.
    operationId:
      aliasPath === undefined ? row.id : `${row.id}_${aliasPath.replace(/[^\w]+/g, '_').replace(/^_|_$/g, '')}`,
    tags: [row.tag],
    summary: row.summary,
    description: [row.description, asked, aliasPath === undefined ? undefined : `The same as ${row.path}.`]
      .filter((line) => line !== undefined)
      .join('\n\n'),
    ...(row.credentials.length === 0 ? { security: [] } : { security: [{ jwt: [] }, { apiKey: [], apiSecret: [] }] }),
    parameters: [
      ...fields(row.params, components)
        .filter(({ name }) => mounted.includes(`:${name}`) && !implied.includes(name))
        .map(({ name, schema }) => ({ name, in: 'path', required: true, schema })),
      ...fields(row.query, components).map(({ name, schema, required }) => ({ name, in: 'query', required, schema })),
    ],
    ...(row.bodyKind === 'none'
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              [bodyTypes[row.bodyKind]]: {
                schema: toSchema(row.body, 'input', components),
              },
            },
          },
        }),
    responses: responses(row, components),
  }
}

function responses(row: Route, components: Json): Json {
  const type = row.responseType ?? 'application/json'
  const status = /Answers (20[124])/.exec(row.description ?? '')?.[1] ?? '200'
  const answers: Json = {
    [status]: {
      description: { '200': 'Done.', '201': 'Made.', '202': 'Accepted.', '204': 'Done.' }[status] ?? 'Done.',
      content: {
        [type]: {
          schema: row.responseType === undefined ? toSchema(row.response, 'output', components) : { type: 'string' },
        },
      },
    },
  }
  const codes: OutcomeCode[] = [
    'invalid_request',
    ...(row.credentials.length > 0 ? (['credentials_missing', 'scope_missing'] as const) : []),
  ]
  if (row.path.includes(':')) codes.push('not_found')
  if (row.bodyKind !== 'none') codes.push('too_large')
  for (const code of codes) {
    answers[String(statusOf(code, row.dialect))] = {
      description: outcomes[code].reason,
      content: {
        'application/json': {
          schema: {
            $ref: `#/components/schemas/${row.dialect === 'v3' || row.dialect === 'gateway' ? 'Error' : 'LegacyError'}`,
          },
        },
      },
    }
  }
  return answers
}

const errorSchemas: Json = {
  Error: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['code', 'message', 'reason'],
        properties: {
          code: { type: 'integer' },
          message: { type: 'string' },
          reason: { type: 'string', enum: [...new Set(Object.values(outcomes).map((outcome) => outcome.reason))] },
        },
      },
    },
  },
  LegacyError: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        oneOf: [
          {
            type: 'object',
            required: ['reason', 'details'],
            properties: { reason: { type: 'string' }, details: { type: 'string' } },
          },
          { type: 'string' },
        ],
      },
    },
  },
}

function fields(schema: z.ZodType, components: Json): { name: string; schema: unknown; required: boolean }[] {
  const made = toSchema(schema, 'input', components) as ObjectSchema // by construction of the table
  const read = toSchema(schema, 'output', components) as ObjectSchema // as above
  return Object.entries(made.properties ?? {}).map(([name, part]) => ({
    name,
    // Everything in an address is text; what it is read as says more.
    schema: read.properties?.[name]?.type === 'integer' ? read.properties[name] : part,
    required: made.required?.includes(name) ?? false,
  }))
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly type?: string }>>
  readonly required?: readonly string[]
}

function toSchema(schema: z.ZodType, io: 'input' | 'output', components: Json): unknown {
  const {
    $schema: _dialect,
    $defs,
    ...made
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' }) as Json // a JSON schema is an object
  for (const [name, part] of Object.entries(($defs ?? {}) as Json)) components[name] ??= rewrite(part)
  return rewrite(made)
}

/**
 * `#/$defs/X` of a single schema becomes `#/components/schemas/X` of the document. The name of a schema (`id`, a text)
 * goes, a property that is called id (a schema) stays. Bytes in a form are a string to OpenAPI.
 */
function rewrite(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewrite)
  if (typeof value !== 'object' || value === null) return value
  const part = 'format' in value && value.format === 'binary' ? { type: 'string', ...value } : value
  return Object.fromEntries(
    Object.entries(part)
      .filter(([name, inner]) => name !== 'id' || typeof inner !== 'string')
      .map(([name, part]) => [
        name,
        name === '$ref' && typeof part === 'string' ? part.replace('#/$defs/', '#/components/schemas/') : rewrite(part),
      ]),
  )
}
