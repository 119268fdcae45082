import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './console.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { nonce } from './nonce.ts'
import { beginWords } from './words/words.ts'

// A package of Mantine's that adds styles while a dialogue is open looks for the nonce here.
Object.assign(globalThis, { __webpack_nonce__: nonce })

const root = document.getElementById('console')
if (!root) throw new Error('The page has no place for the console.')
await beginWords()
createRoot(root).render(<App />)
