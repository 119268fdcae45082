// Preloaded into the generators of clients: they call the compiler's JavaScript API, which TypeScript has up to version 5.
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'typescript' ? 'typescript-5' : specifier, context),
})
