// ECMA-48: CSI (colours, cursor moves), then OSC (titles, links) and other strings, then the short sequences.
const steering = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]/g
const otherControl = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g

/** The text of one `line` event without anything that steers a terminal; of an overwritten line, its last state. Pure. */
export function plainLine(data: string): string {
  const { text } = JSON.parse(data) as { text: string }
  const states = text.replace(steering, '').split('\r')
  const last = states.findLast((state) => state !== '') ?? ''
  return last.replace(otherControl, '')
}
