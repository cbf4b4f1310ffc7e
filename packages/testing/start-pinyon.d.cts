/** How the server is to be. */
export interface StartOptions {
  /** Over HTTPS, with an authority of its own. */
  readonly tls?: boolean
  /** Settings beside the usual ones, such as `{ PINYON_IPFS: 'embedded' }`: docs/settings.md lists all. */
  readonly env?: Readonly<Record<string, string>>
  /** How long the start may take, in milliseconds; 60 s unless told. */
  readonly timeoutMs?: number
}

/** A server that nobody else uses. */
export interface StartedPinyon {
  /** What a program in a process of its own finds the server by: `spawn('node', ['app.js'], { env: { ...process.env, ...env } })`. */
  readonly env: Readonly<Record<string, string>>
  readonly urls: {
    /** API, uploads and console: for `@pinata/sdk`-like programs the host, for `pinata-web3` its `endpointUrl`. */
    readonly api: string
    readonly gateway: string
    /** For npm `pinata`: `new PinataSDK({ pinataJwt: key.jwt, ...urls.sdk })`. */
    readonly sdk: {
      readonly endpointUrl: string
      readonly uploadUrl: string
      readonly legacyUploadUrl: string
      readonly pinataGateway: string
    }
  }
  /** A key that may do everything, in the three forms that programs ask for. */
  readonly key: { readonly jwt: string; readonly apiKey: string; readonly apiSecret: string }
  /** The certificate of its authority (PEM), with `tls`. */
  readonly authority: string | undefined
  /** Ends the server and removes everything that it kept. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a server in a fresh directory on free ports, and sets it up. It ends with `stop()`, at the latest with this
 * process, however that ends. Rejects with what the server printed when it does not start.
 */
export function startPinyon(options?: StartOptions): Promise<StartedPinyon>
