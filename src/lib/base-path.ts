/** The path below which a URL puts everything: `/lab` for `https://host.example.org/lab`, nothing for `https://host.example.org`. */
export function basePathOf(url: string): string {
  return new URL(url).pathname.replace(/\/$/, '')
}
