import { routes } from '@pinyon/contract/routes.ts'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { useWhoami } from '../../api/session.ts'
import { paths } from '../../paths.ts'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Segments } from '../../ui/choice.tsx'
import { CopyField } from '../../ui/copy.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { type HeaderForm, placeOf } from './place.ts'
import { Snippets } from './snippets.tsx'
import { TestPanel } from './test-panel.tsx'
import { ThisNode } from './this-node.tsx'
import { findTool, tools } from './tools.ts'
import { troubles } from './troubles.ts'

const forms = [
  { value: 'jwt', label: 'JWT' },
  { value: 'headers', label: 'API key and secret' },
] as const satisfies readonly { value: HeaderForm; label: string }[]

/** How programs are connected: lines for each tool with this server's own addresses, and a test of a key. */
export function ConnectPage() {
  const whoami = useWhoami()
  const { tool: asked, form = 'jwt' } = useSearch({ from: '/signed-in/connect' })
  const navigate = useNavigate()
  const [jwt, setJwt] = useState('')
  const [isInSnippets, setInSnippets] = useState(false)
  const tool = findTool(asked)
  return (
    <Page
      title="Connect"
      lead="A program needs two things: a key, and the address of this server in place of Pinata’s. Everything else stays as it is."
      actions={
        <>
          <ApiCall curl={toCurl(routes.whoami)} />
          <NewKeyButton role={whoami.user?.role} />
        </>
      }
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <CopyField label="API, in place of https://api.pinata.cloud" value={whoami.urls.api} />
        <CopyField label="Gateway, in place of https://gateway.pinata.cloud" value={whoami.urls.gateway} />
      </div>
      {whoami.user?.role !== 'member' && (
        <p className="max-w-prose">
          Every step below works with an admin key.{' '}
          {tool.isPinning === true ? 'For a program that only pins, make ' : 'For a program that only uploads, make '}
          <Link
            {...paths.newKeyFrom(tool.isPinning === true ? 'pinning-service' : 'upload-only')}
            className="text-accent underline"
          >
            a key that may {tool.isPinning === true ? 'pin' : 'upload'} and nothing else
          </Link>
          .
        </p>
      )}
      <Section title="Lines to copy">
        <nav aria-label="Tools" className="border-line flex flex-wrap gap-x-1 border-b">
          {tools.map(({ id, label }) => (
            <Link
              key={id}
              {...paths.connectTool(id, form)}
              replace
              resetScroll={false}
              aria-current={id === tool.id ? 'page' : undefined}
              className="text-muted hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-accent -mb-px border-b-2 border-transparent px-3 py-2 aria-[current=page]:font-medium"
            >
              {label}
            </Link>
          ))}
        </nav>
        {tool.hasForms && (
          <Segments
            label="How the key is shown"
            value={form}
            options={forms}
            onChange={(value) =>
              void navigate({ ...paths.connectTool(tool.id, value), replace: true, resetScroll: false })
            }
          />
        )}
        <Snippets tool={tool} place={placeOf(whoami, form, isInSnippets ? jwt : '')} />
      </Section>
      {tool.isPinning === true && <ThisNode />}
      <Section title="Test a key" lead="The real answer of this server, and what it means.">
        <TestPanel jwt={jwt} onChange={setJwt} isInSnippets={isInSnippets} onInSnippets={setInSnippets} />
      </Section>
      <Troubles />
    </Page>
  )
}

function NewKeyButton({ role }: { readonly role: string | undefined }) {
  if (role === 'member') {
    return (
      <Button look="primary" disabledBecause="Members may not make keys. An owner of this account can make you one.">
        New API Key
      </Button>
    )
  }
  return (
    <Button asChild look="primary">
      <Link {...paths.newKey}>New API Key</Link>
    </Button>
  )
}

function Troubles() {
  return (
    <Section title="When it does not work" lead="The code is in the answer, under error.reason.">
      <dl className="text-table border-line bg-surface divide-line divide-y rounded-lg border">
        {troubles.map(({ reason, status, title, todo }) => (
          <div key={reason} className="grid gap-x-4 gap-y-1 px-3 py-2 sm:grid-cols-[13rem_1fr]">
            <dt className="font-mono text-xs leading-5">
              {status} {reason}
            </dt>
            <dd>
              <span className="font-medium">{title}.</span> {todo}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}
