/** A path without `.`, `..` and doubled slashes, from `folder` where it does not begin at `/`. Looks at no disk. */
export function absolute(folder: string, path: string): string {
  const kept: string[] = []
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/')) {
    if (part === '..') kept.pop()
    else if (part !== '' && part !== '.') kept.push(part)
  }
  return `/${kept.join('/')}`
}
