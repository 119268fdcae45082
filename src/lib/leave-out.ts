import { createRequire } from 'node:module'

/** Loads a CommonJS package by its name. */
export const load: NodeJS.Require = createRequire(import.meta.url)

/** A `require` as a package sees it. */
export function requireOf(name: string, require = load): NodeJS.Require {
  return createRequire(require.resolve(name))
}

/** Replaces a module that a package loads but never uses here with an empty one: each costs time at every start. */
export function leaveOut(require: NodeJS.Require, name: string): void {
  const file = require.resolve(name)
  require.cache[file] ??= Object.assign(Object.create(null), { id: file, filename: file, loaded: true, exports: {} })
}
