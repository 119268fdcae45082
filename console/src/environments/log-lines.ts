// The service lets only colours through (ECMA-48 SGR); a page has no use for them.
const colours = /\x1b\[[0-9;]*m/g

/** The text of one `line` event without colours. Pure. */
export function plainLine(data: string): string {
  return (JSON.parse(data) as { text: string }).text.replace(colours, '')
}
