import type { AnswerOf } from '@pinyon/contract/client.ts'
import type { routes } from '@pinyon/contract/routes.ts'

/** How a program shows its key: as one JWT, or as the two headers of Pinata's programs. */
export type HeaderForm = 'jwt' | 'headers'

/** What the lines of a snippet depend on: where this server is, and how the reader wants to show the key. */
export interface Place {
  readonly api: string
  readonly gateway: string
  /** `private` where the account refuses public content: then what is uploaded is read back with the key. */
  readonly network: 'public' | 'private'
  readonly form: HeaderForm
  /** Stands where the JWT goes. */
  readonly jwt: string
}

/** One thing to do, with the lines that do it. Those of a program follow one another in one file. */
export interface Step {
  readonly title: string
  readonly text: string
}

/** What the examples upload. The same bytes have the same CID everywhere, so it is known beforehand. */
export const sample = {
  name: 'hello.txt',
  text: 'Hello from Pinyon',
  cid: 'bafkreic54bnnaaaoj7wjvccxyp43ijtqazx77c32bvzu4axrxysbubttxm',
} as const

/** Stands where a JWT has to be put. */
const jwtPlaceholder = 'paste the JWT here'

/** The place as whoami tells it. `pasted` replaces the placeholder if it has the form of a JWT. */
export function placeOf(
  { urls, publicContent }: Pick<AnswerOf<typeof routes.whoami>, 'urls' | 'publicContent'>,
  form: HeaderForm,
  pasted = '',
): Place {
  return {
    ...urls,
    network: publicContent === 'allowed' ? 'public' : 'private',
    form,
    // Nothing but a JWT goes into lines that a shell will run.
    jwt: /^[\w-]+\.[\w-]+\.[\w-]+$/.test(pasted) ? pasted : jwtPlaceholder,
  }
}

/** The lines that put the key into the environment, where programs find it and files that are shared do not have it. */
export function keyStep({ form, jwt }: Pick<Place, 'form' | 'jwt'>): Step {
  const text =
    form === 'jwt'
      ? `export PINYON_JWT='${jwt}'`
      : "export PINATA_API_KEY='paste the Pinata API Key here'\nexport PINATA_API_SECRET='paste the Pinata API Secret here'"
  return { title: 'Key', text }
}
