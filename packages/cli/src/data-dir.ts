import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where `npm start` keeps its data: `data` in the checkout, wherever this command is called from. */
export const defaultDataDir = join(fileURLToPath(new URL('../../../', import.meta.url)), 'data')
