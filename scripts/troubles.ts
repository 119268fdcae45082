// Writes the tables of test/README.md from the comments above the tests. `npm run troubles` formats it afterwards.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { allTroubles, tablesOf, withTables } from './lib/troubles.ts'

const folder = join(import.meta.dirname, '../test')
const document = join(folder, 'README.md')
writeFileSync(document, withTables(readFileSync(document, 'utf8'), tablesOf(allTroubles(folder))))
