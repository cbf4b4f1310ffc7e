/** How something can be shown. */
export type Kind = 'folder' | 'image' | 'video' | 'audio' | 'json' | 'text' | 'other'

const byExtension: Readonly<Record<string, Kind>> = {
  ...each('image', 'png jpg jpeg gif webp avif svg ico bmp'),
  ...each('video', 'mp4 webm ogv mov'),
  ...each('audio', 'mp3 wav ogg oga flac m4a aac opus'),
  ...each('json', 'json geojson webmanifest map'),
  ...each(
    'text',
    'txt md markdown csv tsv log html htm css js mjs cjs ts tsx jsx xml yaml yml toml ini conf env sh py go rs java c h cpp sql svelte vue tex srt vtt',
  ),
}

function each(kind: Kind, extensions: string): Record<string, Kind> {
  return Object.fromEntries(extensions.split(' ').map((extension) => [extension, kind]))
}

/** How a file is shown, by its type, else by its name. Nothing of it is ever run, so a wrong guess only looks odd. */
export function kindOf(mimeType: string | undefined, name: string): Kind {
  if (mimeType === 'directory') return 'folder'
  const type = mimeType?.split(';', 1)[0] ?? ''
  const [family] = type.split('/')
  if (family === 'image' || family === 'video' || family === 'audio') return family
  if (/[/+]json$/.test(type)) return 'json'
  const named = byExtension[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '']
  if (named !== undefined) return named
  return family === 'text' ? 'text' : 'other'
}
