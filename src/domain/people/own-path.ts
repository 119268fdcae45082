const longest = 2_048
// Browsers read a backslash as a slash, and drop tabs and line ends wherever they stand in an address.
const misread = /[\\\p{Cc}]/u
// A reverse proxy that takes the path of PUBLIC_URL away may read `%2f` as a slash before it follows `..`: nginx and Caddy do.
const climbs = /(?:\/|%2f|%5c)(?:\.|%2e){2}(?:\/|%2f|%5c|$)/i

/**
 * The path, with its query, to which a page of this service may send a browser on; null if the text leads anywhere else. The
 * result is what a browser makes of it, so that nothing is left to read in two ways.
 */
export function ownPath(text: string | undefined): string | null {
  if (!text?.startsWith('/') || text.length > longest || misread.test(text)) return null
  const own = 'http://own.invalid'
  if (!URL.canParse(text, own)) return null
  const { origin, pathname, search } = new URL(text, own)
  // `/.//evil.example` has the path `//evil.example`, which alone is another host.
  return origin === own && !pathname.startsWith('//') && !climbs.test(pathname) ? `${pathname}${search}` : null
}
