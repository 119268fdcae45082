/** The console, which `npm start` and the image build into `console/dist`. */
import { fileURLToPath } from 'node:url'
import { readText } from '../disk/read-text.ts'
import { consoleRoutes } from '../http/routes/console.ts'
import type { Capability } from './capability.ts'
import type { PeoplePart } from './people.ts'

const folder = fileURLToPath(new URL('../../console/dist', import.meta.url))

export function assembleConsole({ authenticate }: PeoplePart): Capability {
  const readPage = () => readText(`${folder}/index.html`)
  return { routes: { atTop: (app) => consoleRoutes(app, { folder, readPage, authenticate }) } }
}
