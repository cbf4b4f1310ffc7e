// `npm run build`: installs what is missing and builds the console, so that the program can then be started by a user who
// may not write here (`node packages/server/src/main.ts`).
import { prepare } from './prepare.mjs'

await prepare({ withConsole: true })
