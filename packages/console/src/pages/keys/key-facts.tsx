import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import type { KeyDetail } from '../../api/keys.ts'
import { formatBytes } from '../../lib/format-bytes.ts'
import { formatDayAndTime } from '../../lib/format-time.ts'
import { useNow } from '../../lib/use-now.ts'
import { paths } from '../../paths.ts'
import { Mono } from '../../ui/code.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Ago } from '../../ui/time.tsx'
import { KeyState } from './key-state.tsx'
import { Uses } from './uses.tsx'

/** What became of a key until now. */
export function KeyFacts({ keyDetail: key }: { readonly keyDetail: KeyDetail }) {
  const now = useNow()
  const { lastUsed } = key
  return (
    <dl className="border-line bg-surface grid grid-cols-1 gap-x-8 gap-y-4 rounded-lg border p-4 sm:grid-cols-2 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.6fr)_minmax(0,1fr)]">
      <Fact name="State">
        <KeyState keyDetail={key} now={now} />
      </Fact>
      <Fact name="Pinata API Key">
        <span className="flex items-center gap-1">
          <Mono>{key.publicPart}</Mono>
          <CopyButton text={key.publicPart} label="Copy Pinata API Key" />
        </span>
      </Fact>
      <Fact name="Uses">
        <Uses {...key} />
      </Fact>
      <Fact name="Created">
        <Ago iso={key.createdAt} />
      </Fact>
      <Fact name="Last used">
        {lastUsed === null ? (
          'never'
        ) : (
          <>
            <Ago iso={lastUsed.at} />
            {lastUsed.route !== null && (
              <>
                , <Mono>{lastUsed.route}</Mono>
              </>
            )}
            {lastUsed.address !== null && (
              <>
                , from <Mono>{lastUsed.address}</Mono>
              </>
            )}
          </>
        )}
      </Fact>
      <Fact name="Expires">{key.expiresAt === null ? 'never' : formatDayAndTime(key.expiresAt)}</Fact>
      {key.parentId !== null && (
        <Fact name="Child of">
          <Link {...paths.key(key.parentId)} className="text-accent underline">
            another key
          </Link>
          , and ends with it
        </Fact>
      )}
      {key.uploadedBytes > 0 && (
        <Fact name="Uploaded">
          {formatBytes(key.uploadedBytes)}
          {key.bounds?.maxBytes !== undefined && ` of ${formatBytes(key.bounds.maxBytes)}`}
        </Fact>
      )}
      {key.regeneratedAt !== null && (
        <Fact name="Regenerated">
          {formatDayAndTime(key.regeneratedAt)}
          {key.previousSecretUntil !== null && (
            <span className="block">
              The old secret and JWT work until {formatDayAndTime(key.previousSecretUntil)}.
            </span>
          )}
        </Fact>
      )}
      {key.revokedAt !== null && <Fact name="Revoked">{formatDayAndTime(key.revokedAt)}</Fact>}
    </dl>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted text-table">{name}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  )
}
