import { commandLineSteps } from './command-line.ts'
import { compiledInSteps } from './compiled-in.ts'
import { continuousIntegrationSteps } from './continuous-integration.ts'
import { curlSteps } from './curl.ts'
import { desktopSteps } from './desktop.ts'
import { gatewaySteps } from './gateway.ts'
import { goSteps } from './go.ts'
import { kuboSteps } from './kubo.ts'
import { legacySdkSteps } from './legacy-sdk.ts'
import { nodeSteps } from './node.ts'
import { pinataSdkSteps } from './pinata-sdk.ts'
import type { Place, Step } from './place.ts'
import { pythonSteps } from './python.ts'
import { reactHookSteps } from './react-hook.ts'
import { uppySteps } from './uppy.ts'

/** A program that can be connected, and how. */
export interface Tool {
  readonly id: string
  readonly label: string
  /** What it takes, and where the lines go. */
  readonly lead: string
  readonly steps: (place: Place) => readonly Step[]
  /** Whether the key can be shown in both forms. */
  readonly hasForms: boolean
  /** Whether the pieces make one program, to be copied as one. */
  readonly isProgram: boolean
  /** It reads or writes public content only. */
  readonly isPublicOnly?: boolean
  /** All it does is pin by CID. */
  readonly isPinning?: boolean
}

/** What people connect with, the shortest way first. */
export const tools: readonly Tool[] = [
  {
    id: 'curl',
    label: 'cURL',
    lead: 'Commands for a terminal, one after the other. A program for Pinata needs nothing but another host.',
    steps: curlSteps,
    hasForms: true,
    isProgram: false,
  },
  {
    id: 'node',
    label: 'Node.js',
    lead: 'With axios. The pieces follow one another in one file, connect.mjs; run it with node connect.mjs.',
    steps: nodeSteps,
    hasForms: true,
    isProgram: true,
  },
  {
    id: 'python',
    label: 'Python',
    lead: 'With requests. The pieces follow one another in one file, connect.py; run it with python3 connect.py.',
    steps: pythonSteps,
    hasForms: true,
    isProgram: true,
  },
  {
    id: 'go',
    label: 'Go',
    lead: 'With net/http and nothing to install. Put it into connect.go; run it with go run connect.go.',
    steps: goSteps,
    hasForms: true,
    isProgram: false,
  },
  {
    id: 'pinata',
    label: 'pinata (npm)',
    lead:
      'Pinata’s SDK, version 2: three settings name this server. The pieces follow one another in connect.mjs. ' +
      'Its pinata.gateways puts https:// before every gateway, so a gateway without TLS is read with fetch.',
    steps: pinataSdkSteps,
    hasForms: false,
    isProgram: true,
  },
  {
    id: 'pinata-sdk',
    label: '@pinata/sdk (npm)',
    lead:
      'Pinata’s older SDK, version 2.1.0, has no setting for its host. ./pinyon run of a checkout of Pinyon leads it here: Run. ' +
      'Without a checkout put Redirect into redirect.cjs and the other pieces into connect.mjs, and start it with ' +
      'node --require ./redirect.cjs connect.mjs. Your program itself stays as it is. ' +
      'In a browser this cannot be done; the npm package pinata can name its host and is the better choice for new programs.',
    steps: legacySdkSteps,
    hasForms: true,
    isProgram: true,
    isPublicOnly: true,
  },
  {
    id: 'uppy',
    label: 'Uppy',
    lead:
      'Uppy with its tus plugin sends files resumably from a page. Give it a key that may upload and nothing else, bound to the origin of ' +
      'your page (New API Key, More). The pieces follow one another in one module.',
    steps: uppySteps,
    hasForms: false,
    isProgram: true,
  },
  {
    id: 'react',
    label: 'React hook',
    lead:
      'useUpload of the npm package pinata. Your own server asks for a link that takes one upload, and the page sends the file there, ' +
      'in chunks where it is large; the key never leaves your server.',
    steps: reactHookSteps,
    hasForms: false,
    isProgram: false,
  },
  {
    id: 'kubo',
    label: 'ipfs pin remote',
    lead:
      'Kubo keeps a copy here of what it pins: commands for a terminal on the machine of your node. The name of the service has no dot in it. ' +
      'What only your node holds is fetched from it, so leave it running until the pin is done: Pin waits for that, and with ' +
      '--background it does not. Unpin takes what is pinned; for the rest add --status=queued,pinning,failed.',
    steps: kuboSteps,
    hasForms: false,
    isProgram: false,
    isPinning: true,
  },
  {
    id: 'desktop',
    label: 'IPFS Desktop',
    lead:
      'Settings, Pinning services, Add service, then Add a custom service at the end of the list. It asks for these three. ' +
      'Afterwards choose Set pinning for a file, and this service; or turn Auto upload on, and everything under Files is kept here.',
    steps: desktopSteps,
    hasForms: false,
    isProgram: false,
    isPinning: true,
  },
  {
    id: 'command-line',
    label: './pinyon',
    lead: 'The command line of a checkout of Pinyon, on any machine that reaches this server. It keeps server and key for next time.',
    steps: commandLineSteps,
    hasForms: false,
    isProgram: false,
  },
  {
    id: 'run',
    label: './pinyon run',
    lead:
      'Programs that name api.pinata.cloud themselves: SDKs without a setting for it, scripts, compiled programs. ./pinyon run of a checkout of ' +
      'Pinyon leads Pinata’s hosts here for that one program; neither the program nor the system is changed. ./pinyon ephemeral gives a program a ' +
      'server that is gone when the program ends, for tests.',
    steps: compiledInSteps,
    hasForms: false,
    isProgram: false,
  },
  {
    id: 'ci',
    label: 'CI',
    lead:
      './pinyon ephemeral of a checkout starts a server, runs your tests beside it, and ends as they end: nothing is left, and nothing is shared ' +
      'between two runs. Put the address that you have Pinyon from into PINYON_REPOSITORY.',
    steps: continuousIntegrationSteps,
    hasForms: false,
    isProgram: false,
  },
  {
    id: 'gateway',
    label: 'Gateway URLs',
    lead: 'Public files are read by their CID, by anyone who can reach the gateway; no key is asked for. Private files are read through the API, with a key.',
    steps: gatewaySteps,
    hasForms: false,
    isProgram: false,
    isPublicOnly: true,
  },
]

/** The tool of that id; cURL for any other. */
export function findTool(id: string | undefined): Tool {
  // The list is not empty.
  return tools.find((tool) => tool.id === id) ?? tools[0]!
}
