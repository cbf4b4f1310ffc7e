import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { toCurl } from '../api/curl.ts'
import { type NodeStatus, nodeQuery } from '../api/node.ts'
import { pinningRefused } from '../api/pin-words.ts'
import { refreshPins } from '../api/pins.ts'
import { useWhoami } from '../api/session.ts'
import { readContentAddress } from '../api/read-content-address.ts'
import { Code } from '../ui/code.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field, TextArea, TextInput } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { DialogForm } from './dialog-form.tsx'
import { filledLines, type KeyvalueLine, KeyvalueLines, whatIsWrongWith } from './keyvalue-lines.tsx'

interface PinByCidProps {
  readonly onClose: () => void
}

/** Asks for content by its CID: it is fetched from the network and kept. */
export function PinByCid({ onClose }: PinByCidProps) {
  const whoami = useWhoami()
  const { data: node } = useQuery(nodeQuery)
  const [address, setAddress] = useState('')
  const [name, setName] = useState('')
  const [origins, setOrigins] = useState('')
  const [lines, setLines] = useState<readonly KeyvalueLine[]>([])
  const read = readContentAddress(address)
  const hosts = linesOf(origins)
  const badOrigin = hosts.find((line) => !isOrigin(line))
  const refused = pinningRefused(whoami)
  const keyvalues = Object.fromEntries(filledLines(lines).map(({ key, value }) => [key, value]))
  const body = {
    cid: read.kind === 'cid' ? read.cid : 'CID',
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    ...(hosts.length === 0 ? {} : { host_nodes: hosts }),
    ...(Object.keys(keyvalues).length === 0 ? {} : { keyvalues }),
  }
  const pin = useMutation({
    mutationFn: () => client.call(routes.pinByCid, { body }),
    async onSuccess() {
      await refreshPins()
      onClose()
    },
  })
  const why = whyNot()

  function whyNot(): string | false {
    if (refused !== false) return refused
    if (read.kind === 'none') return 'Give a CID first.'
    if (read.kind === 'wrong') return read.why
    if (badOrigin !== undefined) return 'One of the origins is not an address.'
    return whatIsWrongWith(lines) ?? false
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Pin by CID"
      description="We fetch it from the network, check every block and keep it."
      isWide
    >
      <DialogForm sending={pin} submit="Pin" disabledBecause={why} onClose={onClose}>
        <Notice tone={refused === false ? 'plain' : 'warn'}>
          <p>{refused === false ? 'Anyone on the IPFS network can read this.' : refused}</p>
        </Notice>
        <div className="flex flex-col gap-1">
          <Field
            label="CID"
            hint="A CID, an ipfs:// address or the URL of a gateway."
            error={read.kind === 'wrong' ? read.why : undefined}
          >
            <TextInput
              className="font-mono text-xs"
              spellCheck={false}
              value={address}
              onChange={(event) => setAddress(event.target.value)}
            />
          </Field>
          <div role="status" className="text-table">
            {read.kind === 'cid' && <Understood {...read} />}
          </div>
        </div>
        <Field label="Name" hint="Optional. What you will find it by.">
          <TextInput dir="auto" maxLength={1_024} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field
          label="Origins"
          hint={
            <>
              Optional, one a line: addresses of nodes that have the content, asked before anybody else.{' '}
              {node !== undefined && networkNote(node)}
              For example <code className="font-mono text-xs break-all">/ip4/203.0.113.7/tcp/4001/p2p/12D3KooW…</code>,
              as <code className="font-mono text-xs">ipfs id</code> prints them.
            </>
          }
          error={
            badOrigin === undefined
              ? undefined
              : `${badOrigin} is not an address: those begin with /ip4/, /dns4/ or the like.`
          }
        >
          <TextArea
            className="font-mono text-xs"
            value={origins}
            onChange={(event) => setOrigins(event.target.value)}
          />
        </Field>
        <fieldset className="flex min-w-0 flex-col gap-2">
          <legend className="mb-1 font-medium">Key-values</legend>
          <KeyvalueLines lines={lines} onChange={setLines} />
        </fieldset>
        <details>
          <summary className="text-muted hover:text-ink w-fit cursor-pointer">As API call</summary>
          <div className="pt-2">
            <Code label="command" text={toCurl(routes.pinByCid, { body })} />
          </div>
        </details>
      </DialogForm>
    </Dialog>
  )
}

interface UnderstoodProps {
  readonly cid: string
  readonly form: string
  readonly path: string
}

function Understood({ cid, form, path }: UnderstoodProps) {
  return (
    <>
      <p>
        Understood as {form}: <code className="font-mono text-xs break-all">{cid}</code>
      </p>
      {path !== '' && (
        <p className="text-muted break-words">
          The path <bdi className="font-mono text-xs break-all">{path}</bdi> is left out: everything under the CID is
          pinned.
        </p>
      )}
    </>
  )
}

/** What somebody has to know of the network before they leave the origins empty. */
function networkNote({ kind, network }: NodeStatus): string {
  if (kind === 'off')
    return 'The IPFS network is off here: only gateways that the operator named are asked, and HTTP addresses. '
  return network === 'local'
    ? 'The network is local here: this installation talks to no one but the peers you name. '
    : ''
}

function linesOf(text: string): string[] {
  return text
    .split(/\s+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** A multiaddr, or the id of a peer alone; the server judges the rest. */
function isOrigin(line: string): boolean {
  return line.startsWith('/') || /^[1-9A-Za-z]{40,}$/.test(line)
}
