/** A file as it was chosen: where it lay in its folder, `/` between the names, and what the browser reads it by. */
export interface Part {
  readonly path: string
  readonly file: File
  /** Kept, because a browser may ask the disk each time, and hold the page meanwhile. */
  readonly sizeBytes: number
}
