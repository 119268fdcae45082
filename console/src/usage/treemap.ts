/** A treemap: rectangles whose areas are as the values. Squarified, as Bruls, Huizing and van Wijk (2000) describe. Pure. */

export type Node = { id: string; value: number; children?: readonly Node[] }
export type Rect = { x: number; y: number; width: number; height: number }
/** `depth` 0: directly in the map. `isGroup`: others lie in it. */
export type Tile = Rect & { id: string; depth: number; isGroup: boolean }

export type Insets = { head: number; edge: number; least: number }

/**
 * The tiles of a tree, a group before those in it. `head`: the room at the top of a group for its name; `edge`: the room around its tiles; a group whose sides are
 * below `least` is shown as one tile. Values of 0 and less get no tile.
 */
export function treemap(nodes: readonly Node[], area: Rect, insets: Insets, depth = 0): Tile[] {
  const shown = nodes.filter(({ value }) => value > 0).toSorted((one, other) => other.value - one.value)
  const rects = squarify(
    shown.map(({ value }) => value),
    area,
  )
  return shown.flatMap((node, at) => {
    const rect = rects[at] as Rect
    const inner = insideOf(rect, insets)
    const hasRoom = inner.width >= insets.least && inner.height >= insets.least
    const children = hasRoom ? treemap(node.children ?? [], inner, insets, depth + 1) : []
    return [{ ...rect, id: node.id, depth, isGroup: children.length > 0 }, ...children]
  })
}

/** The rectangles of values that fall, each as square as it can be, which fill the area. */
export function squarify(values: readonly number[], area: Rect): Rect[] {
  const total = values.reduce((sum, value) => sum + value, 0)
  if (total <= 0 || area.width <= 0 || area.height <= 0) return values.map(() => ({ ...area, width: 0, height: 0 }))
  const scale = (area.width * area.height) / total
  const sizes = values.map((value) => value * scale)
  const rects: Rect[] = []
  let rest = area
  for (let from = 0; from < sizes.length; ) {
    const side = Math.min(rest.width, rest.height)
    let to = from + 1
    while (to < sizes.length && worstOf(sizes.slice(from, to + 1), side) <= worstOf(sizes.slice(from, to), side))
      to += 1
    const row = sizes.slice(from, to)
    rects.push(...placed(row, rest))
    rest = without(row, rest)
    from = to
  }
  return rects
}

/** How far the least square of a row is from a square: 1 is one. */
function worstOf(row: readonly number[], side: number): number {
  const sum = sumOf(row)
  const [most, least] = [Math.max(...row), Math.min(...row)]
  return Math.max((side * side * most) / (sum * sum), (sum * sum) / (side * side * least))
}

/** A row along the shorter side. What rounding has left or taken is not seen: the row never leaves the area. */
function placed(row: readonly number[], area: Rect): Rect[] {
  const { x, y, width, height } = area
  const thickness = thicknessOf(row, area)
  const sum = sumOf(row)
  let done = 0
  return row.map((size) => {
    const [from, length] = [done / sum, size / sum]
    done += size
    return width >= height
      ? { x, y: y + from * height, width: thickness, height: length * height }
      : { x: x + from * width, y, width: length * width, height: thickness }
  })
}

function without(row: readonly number[], area: Rect): Rect {
  const { x, y, width, height } = area
  const thickness = thicknessOf(row, area)
  return width >= height
    ? { x: x + thickness, y, width: width - thickness, height }
    : { x, y: y + thickness, width, height: height - thickness }
}

function thicknessOf(row: readonly number[], { width, height }: Rect): number {
  return Math.min(sumOf(row) / Math.min(width, height), Math.max(width, height))
}

function insideOf({ x, y, width, height }: Rect, { head, edge }: Insets): Rect {
  return { x: x + edge, y: y + head, width: width - 2 * edge, height: height - head - edge }
}

function sumOf(row: readonly number[]): number {
  return row.reduce((sum, size) => sum + size, 0)
}
