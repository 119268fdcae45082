// Builds the console, as `npm start` and the image do.
import { dirname } from 'node:path'
import { ensureConsole } from './lib/console.ts'
import { explain } from './lib/failure.ts'

process.chdir(dirname(import.meta.dirname))
await ensureConsole().catch(explain)
