/** One thing that `npm run check` looks at. */
export interface Check {
  name: string
  /** Looks at the checkout in `root` and answers a line for each thing that is wrong; none when all is well. */
  run(root: string): Promise<string[]> | string[]
}
