import type { Part } from '../../api/bodies.ts'
import type { Folder, Picture } from './picture.ts'
import { folders } from './picture.ts'

export type Box = { x: number; y: number; width: number; height: number }
/** A line from one thing to another; the sign of its part is at (`x`, `y`), its words begin at (`textX`, `textY`). */
export type Route = {
  from: Point
  to: Point
  sign: Point
  words: Point & { anchor: 'start' | 'middle' | 'end'; width: number }
}
type Point = { x: number; y: number }

export type Layout = {
  width: number
  height: number
  disk: Box
  folders: Record<Folder, Box>
  backend: Box
  engine: Box
  environments: Box
  tiles: readonly Box[]
  routes: Record<Part, Route>
}

const wideFrom = 700
const actorHeight = 84
const head = 46
const tile = { height: 30, gap: 6, least: 100 }
const pad = 14

/**
 * Where everything is, in pixels. In a wide picture the files are at the left, the backend above the engine in the middle, the
 * environments at the right; a narrow one is the same, turned by a quarter. Pure.
 */
export function layoutOf(width: number, environments: Picture['environments']): Layout {
  const count = environments.drawn.length + (environments.total > environments.drawn.length ? 1 : 0)
  return width >= wideFrom ? wide(width, count) : narrow(width, count)
}

/** How many environments are drawn one by one: so many that the picture stays low enough to be seen at once. Pure. */
export function mostOf(width: number): number {
  const isWide = width >= wideFrom
  const rows = isWide ? 12 : 6
  return Math.min(24, rows * columnsIn(isWide ? sideOf(width) : width))
}

const sideOf = (width: number) => Math.round(width * 0.29)

function wide(width: number, count: number): Layout {
  const side = sideOf(width)
  const middle = Math.round(width * 0.2)
  const gap = (width - 2 * side - middle) / 2
  const tiles = tilesIn(side, count, 8)
  const height = Math.max(344, head + tiles.height + pad)
  const disk = { x: 0, y: 0, width: side, height }
  const backend = { x: side + gap, y: 0, width: middle, height: actorHeight }
  const engine = { ...backend, y: height - actorHeight }
  const right = { x: width - side, y: 0, width: side, height }
  const [top, bottom] = [actorHeight / 2, height - actorHeight / 2]
  const across = (x: number, y: number): Route => ({
    from: { x, y },
    to: { x: x + gap, y },
    sign: { x: x + gap / 2, y },
    words: { x: x + gap / 2, y: y + 32, anchor: 'middle', width: gap - 8 },
  })
  const centre = backend.x + middle / 2
  const back = engine.x + middle
  return {
    width,
    height,
    disk,
    folders: stacked(disk),
    backend,
    engine,
    environments: right,
    tiles: tiles.at(right.x + pad, head),
    routes: {
      identity: across(side, top),
      engine: across(side, bottom),
      recorded: across(back, top),
      inside: across(back, bottom),
      declared: {
        from: { x: centre, y: actorHeight },
        to: { x: centre, y: engine.y },
        sign: { x: centre, y: height / 2 },
        words: { x: centre + 24, y: height / 2 + 4, anchor: 'start', width: middle / 2 + gap - 40 },
      },
    },
  }
}

function narrow(width: number, count: number): Layout {
  const between = 64
  const half = (width - between) / 2
  const line = 92
  const disk = { x: 0, y: 0, width, height: 162 }
  const backend = { x: 0, y: disk.height + line, width: half, height: actorHeight }
  const engine = { ...backend, x: half + between }
  const tiles = tilesIn(width, count, 4)
  const below = backend.y + actorHeight + line
  const environments = { x: 0, y: below, width, height: head + tiles.height + pad }
  const down = (box: Box, y: number): Route => {
    const x = box.x + Math.min(30, half / 2)
    return {
      from: { x, y },
      to: { x, y: y + line },
      sign: { x, y: y + line / 2 },
      words: { x: x + 22, y: y + line / 2 + 4, anchor: 'start', width: half + between / 2 - 56 },
    }
  }
  const middle = backend.y + actorHeight / 2
  return {
    width,
    height: below + environments.height,
    disk,
    folders: inRow(disk),
    backend,
    engine,
    environments,
    tiles: tiles.at(pad, below + head),
    routes: {
      identity: down(backend, disk.height),
      engine: down(engine, disk.height),
      recorded: down(backend, backend.y + actorHeight),
      inside: down(engine, backend.y + actorHeight),
      declared: {
        from: { x: half, y: middle },
        to: { x: half + between, y: middle },
        sign: { x: half + between / 2, y: middle },
        words: { x: half + between / 2, y: middle + 62, anchor: 'middle', width: between + 60 },
      },
    },
  }
}

const columnsIn = (width: number) => Math.max(1, Math.floor((width - 2 * pad + tile.gap) / (tile.least + tile.gap)))

function tilesIn(
  width: number,
  count: number,
  rowsThatFit: number,
): { height: number; at: (x: number, y: number) => Box[] } {
  const inner = width - 2 * pad
  // Few have room for their names.
  const columns = Math.max(1, Math.min(columnsIn(width), Math.ceil(count / rowsThatFit)))
  const one = (inner - (columns - 1) * tile.gap) / columns
  const rows = Math.max(1, Math.ceil(count / columns))
  return {
    height: rows * tile.height + (rows - 1) * tile.gap,
    at: (x, y) =>
      Array.from({ length: count }, (_, index) => ({
        x: x + (index % columns) * (one + tile.gap),
        y: y + Math.floor(index / columns) * (tile.height + tile.gap),
        width: one,
        height: tile.height,
      })),
  }
}

const diskHead = 92

function stacked({ x, y, width, height }: Box): Record<Folder, Box> {
  const gap = 10
  const each = (height - diskHead - pad - gap * (folders.length - 1)) / folders.length
  return record((index) => ({
    x: x + pad,
    y: y + diskHead + index * (each + gap),
    width: width - 2 * pad,
    height: each,
  }))
}

function inRow({ x, y, width, height }: Box): Record<Folder, Box> {
  const gap = 8
  const each = (width - 2 * pad - gap * (folders.length - 1)) / folders.length
  return record((index) => ({
    x: x + pad + index * (each + gap),
    y: y + diskHead,
    width: each,
    height: height - diskHead - pad,
  }))
}

function record(boxAt: (index: number) => Box): Record<Folder, Box> {
  return Object.fromEntries(folders.map((name, index) => [name, boxAt(index)])) as Record<Folder, Box>
}
