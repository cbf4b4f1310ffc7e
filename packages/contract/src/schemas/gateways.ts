import { z } from 'zod'
import { Time, Id, wholeNumber } from './common.ts'

/** A label of a domain name (RFC 1123 section 2.1), which becomes a name of its own below the installation's. */
const GatewayName = z
  .string()
  .max(63)
  .transform((text) => text.toLowerCase())
  .pipe(
    z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be letters, digits and hyphens, such as my-site'),
  )

/** A full domain name: at least two labels, the last not a number (RFC 1123 section 2.1). */
const DomainName = z
  .string()
  .max(253)
  .transform((text) => text.toLowerCase().replace(/\.$/, ''))
  .pipe(
    z
      .string()
      .regex(
        /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
        'must be a domain name, such as ipfs.example.org',
      ),
  )

/** A domain of the owner's own under which a gateway is to be reached. */
export const CustomDomain = z
  .object({
    domain: z.string(),
    domain_validation_status: z.string().meta({
      description:
        '`pending`: not served, its record was not found. `active`: served. `failing`: served, but its record was not found the last time.',
    }),
    custom_domain_id: z.string(),
    ssl_validation_status: z.string(),
    proof: z
      .object({
        by: z.enum(['dns', 'waived']).meta({ description: '`waived`: the operator asks for no proof.' }),
        record: z
          .object({ type: z.literal('TXT'), name: z.string(), value: z.string() })
          .meta({ description: 'The record that shows that the domain is yours. It has to stay.' }),
        provenAt: Time.nullable(),
        checkedAt: Time.nullable(),
        nextCheckAt: Time,
        problem: z.string().nullable().meta({ description: 'What the last check found wrong.' }),
      })
      .meta({ description: 'What shows whose the domain is. Only then is the gateway reached by it.' }),
  })
  .meta({ id: 'CustomDomain' })

/** One thing that lets a request in: a token, an address, a host. */
export const Restriction = z
  .object({ id: z.string(), value: z.string(), createdAt: Time })
  .meta({ id: 'GatewayRestriction' })

/** A gateway of an account. */
export const Gateway = z
  .object({
    id: z.string(),
    created_at: Time,
    domain: z.string().meta({ description: 'The name without a suffix.' }),
    restrict: z.boolean().meta({ description: 'True once something must let a request in.' }),
    custom_domains: z.array(CustomDomain),
  })
  .meta({ id: 'Gateway' })

/** With what lets requests in. */
export const GatewayDetail = Gateway.extend({
  settings: z.object({
    restriction_policies: z.object({
      accessTokens: z.array(Restriction),
      allowedHosts: z.array(Restriction),
      allowedIPAddresses: z.array(Restriction),
    }),
  }),
}).meta({ id: 'GatewayDetail' })

/** Page of gateways, by number. */
export const GatewayListQuery = z.object({
  pageSize: wholeNumber(1, 1_000).optional(),
  page: wholeNumber(1, 1_000_000).optional(),
})

/** The page. */
export const GatewayList = z.object({ count: z.number(), rows: z.array(Gateway) })

/** Body of creation. */
export const CreateGateway = z.object({ domain: GatewayName }).meta({ id: 'CreateGateway' })

/** A gateway by its id. */
export const GatewayParams = z.object({ id: Id })

/** A name that is looked for; what can be none is free of use, not an error. */
export const GatewayNameParams = z.object({ domain: z.string().max(253) })

/** Body of a custom domain. */
export const CreateCustomDomain = z.object({ domain: DomainName })

/** A custom domain of a gateway. */
export const CustomDomainParams = z.object({ id: Id, customDomainId: Id })

/** Body of an address that is let in. */
export const AllowIp = z.object({ ip: z.string().min(1, 'is empty').max(100) })

/** Body of a host that is let in. */
export const AllowHost = z.object({ host: z.string().min(1, 'is empty').max(300) })

/** One of the things that let requests in. */
export const RestrictionParams = z.object({ id: Id, restrictionId: Id })

/** A plugin that gateways can have. */
export const Plugin = z
  .object({
    id: z.number(),
    name: z.string(),
    description: z.string(),
    image: z.string(),
    tags: z.array(z.string()),
  })
  .meta({ id: 'GatewayPlugin' })

/** A plugin by its number. */
export const PluginParams = z.object({ pluginId: z.string().max(20) })

/** That a gateway has a plugin. */
export const GatewayPlugin = z.object({ gateway_id: z.string(), plugin_id: z.number() })

/** The plugins of a gateway, by its id. */
export const GatewayPluginsParams = z.object({ gatewayId: Id })

/** Body that gives a gateway a plugin. */
export const AddPlugin = z.object({ plugin_id: z.number().int() })

/** A plugin of a gateway. */
export const GatewayPluginParams = z.object({ gatewayId: Id, pluginId: z.string().max(20) })

/** Who can read what at a gateway now. */
export const GatewayAccess = z
  .object({
    reads: z.enum(['own', 'public']).meta({
      description: '`own`: what its account holds, to anyone. `public`: all public content, to those let in.',
    }),
    sentences: z.array(z.string()).meta({ description: 'The same in words, with what else concerns readers.' }),
    hosts: z.array(z.object({ host: z.string(), served: z.boolean() })),
  })
  .meta({ id: 'GatewayAccess' })

/** Bytes that the gateway served in this calendar month. */
export const EgressNow = z
  .object({
    month: z.string().meta({ description: 'Such as `2026-11`, in UTC.' }),
    usedBytes: z.number().int().meta({ description: 'Known a few seconds after it was served.' }),
    quotaBytes: z.number().int().nullable().meta({ description: 'Null: as much as is asked for.' }),
    resetsAt: Time.meta({ description: 'When the next month begins.' }),
  })
  .meta({ id: 'EgressNow' })

/** What a gateway does with pages (HTML). */
const HtmlPolicy = z.enum(['sandbox', 'domains', 'refuse']).meta({
  description:
    '`sandbox`: shown, with an origin of their own. `domains`: so on custom domains alone, else refused. `refuse`: refused. Downloads are always served.',
})

/** What a gateway goes by, beside who is let in. */
export const GatewayRules = z.object({ html: HtmlPolicy, egress: EgressNow }).meta({ id: 'GatewayRules' })

/** Body that changes them; what is left out stays. */
export const SetGatewayRules = z
  .strictObject({
    html: HtmlPolicy.optional(),
    egressQuotaBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable().optional().meta({
      description: 'How much the gateway serves in a calendar month (UTC); null is unlimited.',
    }),
  })
  .meta({ id: 'SetGatewayRules' })

/** A request that is to be tried. */
export const TryAccess = z
  .strictObject({
    path: z.string().min(1, 'is empty').max(2_000).meta({ description: 'Such as /ipfs/{cid}/a.txt.' }),
    token: z.string().max(300).optional().meta({ description: 'An access token that it shows.' }),
    origin: z.string().max(300).optional().meta({ description: 'The origin of the page that it comes from.' }),
    address: z.union([z.ipv4(), z.ipv6()]).optional().meta({ description: 'The address that it comes from.' }),
  })
  .meta({ id: 'TryAccess' })

/** What would come of it. */
export const TriedAccess = z
  .object({
    served: z.boolean(),
    status: z.number().int(),
    why: z.string(),
    wayIn: z.enum(['token', 'origin', 'address', 'anyone']).nullable().meta({ description: 'What lets it in.' }),
    cid: z.string().nullable().meta({ description: 'What the path leads to.' }),
  })
  .meta({ id: 'TriedAccess' })
