/** How much work a browser has with an SVG. A few kilobytes that use themselves again and again would freeze the page for ever. Pure. */

/** The part of a DOM element that the measure reads. */
export type SvgNode = {
  readonly localName: string
  readonly id: string
  readonly children: Iterable<SvgNode>
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>
  readonly textContent: string | null
}

/** So many elements are drawn at most, each counted as often as it is used. */
const workAtMost = 50_000
const deepest = 1_000
/** A filter computes each of its steps for each point. */
const filterStep = 500

/**
 * A page parses an SVG to measure it, and would report the handlers and styles in it as breaches of its policy. Under other names nobody acts
 * on them.
 */
export function asleep(text: string): string {
  return text
    .replace(/(<\/?(?:[\w.-]+:)?)(style|script)\b/gi, `$1${prefix}$2`)
    .replace(/([\s"'])(on[a-z]+|style)(\s*=)/gi, `$1${prefix}$2$3`)
}

const prefix = 'asleep-'
const isStyle = (name: string) => name.replace(prefix, '') === 'style'

const gradients = ['linearGradient', 'radialGradient']

/** Whether it can be drawn without a noticeable wait. */
export function isLightSvg(root: SvgNode): boolean {
  const all = elementsIn(root)
  if (all === null || all.some(isPictureWithin)) return false
  const byId = new Map(all.map((element) => [element.id, element] as const))
  // A style sheet may give any element what it refers to, also within what it refers to. Only a gradient costs nothing then.
  const ofStyles = all.flatMap((element) => (isStyle(element.localName) ? idsIn(element.textContent ?? '') : []))
  if (ofStyles.some((id) => !gradients.includes(byId.get(id)?.localName ?? 'linearGradient'))) return false
  const known = new Map<SvgNode, number>()

  /** The work of an element with all in it, and all that it refers to. */
  function workOf(element: SvgNode, depth: number): number {
    const before = known.get(element)
    if (before !== undefined) return before
    if (depth > deepest) return Number.POSITIVE_INFINITY
    known.set(element, Number.POSITIVE_INFINITY) // if it uses itself, nobody knows what a browser makes of it
    let work = element.localName.startsWith('fe') ? filterStep : 1
    const used = idsIn(referencesOf(element)).flatMap((id) => byId.get(id) ?? [])
    for (const each of [...element.children, ...used]) {
      work += workOf(each, depth + 1)
      if (work > workAtMost) break
    }
    known.set(element, work)
    return work
  }
  return workOf(root, 0) <= workAtMost
}

/** All elements; null if there are too many. */
function elementsIn(root: SvgNode): SvgNode[] | null {
  const all = [root]
  for (let at = 0; at < all.length; at += 1) {
    for (const child of all[at]?.children ?? []) all.push(child)
    if (all.length > workAtMost) return null
  }
  return all
}

const referencesOf = ({ attributes }: SvgNode) =>
  Array.from(attributes, ({ name, value }) => (isAddress(name) ? `url(${value.trim()})` : value)).join(' ')

const isAddress = (name: string) => name === 'href' || name.endsWith(':href')

/** The ids in `url(#id)`, in whichever quotes. */
function idsIn(text: string): string[] {
  return Array.from(text.matchAll(/url\(\s*["']?#([^)"']+)/g), ([, id = '']) => id.trim())
}

/** A picture in the picture may be an SVG of its own, with the same tricks. */
function isPictureWithin({ attributes }: SvgNode): boolean {
  return Array.from(attributes).some(({ name, value }) => isAddress(name) && /^\s*data:[^,]*svg/i.test(value))
}
