import '@mantine/core/styles/baseline.css'
import '@mantine/core/styles/default-css-variables.css'
import '@mantine/core/styles/global.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { nonce } from './nonce.ts'
import { loadInAdvance } from './parts/lazily.ts'
import { beginWords } from './words/words.ts'
// Last, as it changes some of Mantine's styles. Those of each component come with it: see vite.config.ts.
import './console.css'

// A package of Mantine's that adds styles while a dialogue is open looks for the nonce here.
Object.assign(globalThis, { __webpack_nonce__: nonce })

const root = document.getElementById('console')
if (!root) throw new Error('The page has no place for the console.')
await beginWords()
createRoot(root).render(<App />)
setTimeout(loadInAdvance, 2_000) // the page comes first
