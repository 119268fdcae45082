/** A path, with its query, below a base path: as it is if it lies there, else put there. Pure. */
export function keepBelow(base: string, path: string): string {
  return path.startsWith(base) ? path : base + path.slice(1)
}
