/** The CID that a text is, or that stands in an address of it; undefined for other texts. */
export function cidIn(text: string): string | undefined {
  const piece = /(?:^|\/ipfs\/|^ipfs:\/\/)([^/?#]+)\/?$/.exec(text.trim())?.[1] ?? ''
  return /^(Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{44,}|B[A-Z2-7]{44,}|k[0-9a-z]{40,}|z[1-9A-HJ-NP-Za-km-z]{40,}|f[0-9a-f]{60,})$/.test(
    piece,
  )
    ? piece
    : undefined
}
