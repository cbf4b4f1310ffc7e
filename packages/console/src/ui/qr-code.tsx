import { encode } from 'uqr'

interface QrCodeProps {
  readonly text: string
  /** What it holds, for who cannot see it. */
  readonly label: string
}

/** A text as a QR code, drawn here: nothing is asked of anybody. Dark on white in both themes, as cameras want it. */
export function QrCode({ text, label }: QrCodeProps) {
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} className="size-52 max-w-full rounded bg-white">
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  )
}
