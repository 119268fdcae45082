/** The path without `.`, `..` and doubled slashes; a relative path is taken from `folder`. Does not look at the disk. */
export function absolute(folder: string, path: string): string {
  const kept: string[] = []
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/')) {
    if (part === '..') kept.pop()
    else if (part !== '' && part !== '.') kept.push(part)
  }
  return `/${kept.join('/')}`
}
