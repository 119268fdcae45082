import './treemap.css'
import { Box } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { type Node, type Tile, treemap } from './treemap.ts'

export type Shown = {
  label: string
  size: string
  /** The pair of colours in console.css: `data-hue` of a tile. */
  hue: 'blue' | 'teal' | 'grape' | 'rest'
  href?: string | undefined
}

const insets = { head: 24, edge: 4, least: 36 }
const gap = 2

/** The picture of who takes how much. It repeats what stands beside it as a list, which readers of the screen and the keyboard use. */
export function Treemap({
  nodes,
  show,
  label,
  height = 340,
}: {
  nodes: readonly Node[]
  show: (id: string, depth: number) => Shown
  label: string
  height?: number
}) {
  const { ref, width } = useElementSize()
  const tiles = width > 0 ? treemap(nodes, { x: 0, y: 0, width, height }, insets) : []
  return (
    <Box ref={ref} h={height} className="treemap" component="figure" m={0} aria-label={label}>
      <div aria-hidden>
        {tiles.map((tile) => (
          <One key={`${tile.depth} ${tile.id}`} tile={tile} shown={show(tile.id, tile.depth)} />
        ))}
      </div>
    </Box>
  )
}

function One({ tile, shown: { label, size, hue, href } }: { tile: Tile; shown: Shown }) {
  const { x, y, width, height, depth, isGroup } = tile
  const style = { left: x, top: y, width: Math.max(0, width - gap), height: Math.max(0, height - gap) }
  const hasName = width > 46 && height > 24
  const common = {
    className: 'tile',
    style,
    title: `${label}: ${size}`,
    'data-hue': hue,
    'data-depth': Math.min(depth, 2),
    'data-group': isGroup || undefined,
  }
  const inside: ReactNode = hasName && (
    <>
      <span className="tile-name">{label}</span>
      {(isGroup ? width > 130 : height > 44) && <span className="tile-size">{size}</span>}
    </>
  )
  return href ? (
    <Link {...common} href={href} tabIndex={-1}>
      {inside}
    </Link>
  ) : (
    <div {...common}>{inside}</div>
  )
}
