/** The normal form of a path: without `.`, `..` and doubled or trailing slashes, from `folder` where it is relative. Looks at no disk. */
export function absolute(folder: string, path: string): string {
  const kept: string[] = []
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/')) {
    if (part === '..') kept.pop()
    else if (part !== '' && part !== '.') kept.push(part)
  }
  return `/${kept.join('/')}`
}
