/** JSON that is to be stored: its bytes as `JSON.stringify` makes them, and the other members of the body. */
export interface JsonContent {
  readonly bytes: Uint8Array
  /** Undefined: the whole body is the content. */
  readonly beside: Readonly<Record<string, unknown>> | undefined
}

/** What the thread that takes large ones apart answers: the parts, or why there are none. */
export type ReadJsonContent =
  | JsonContent
  | { readonly refusal: 'invalid_request' | 'too_large'; readonly message: string }

/** The content of a parsed body as bytes, and what stands beside it. */
export function takeApart(body: unknown, field: string): JsonContent {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, field)) {
    return { bytes: Buffer.from(JSON.stringify(body)), beside: undefined }
  }
  const { [field]: content, ...beside } = body as Record<string, unknown> // an object, as was just seen
  return { bytes: Buffer.from(JSON.stringify(content)), beside }
}
