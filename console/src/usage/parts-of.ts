import type { PlaceUsage } from '../api/bodies.ts'
import type { Node } from './treemap.ts'

type Folder = PlaceUsage['biggest_folders'][number]

/** The id of the part of a folder that is in none of its listed folders: a path cannot end so. */
const restOf = (path: string) => `${path}/`
export const isRest = (id: string) => id === '' || id.endsWith('/')

/**
 * The biggest folders of a place as a tree. The service lists folders within folders, each with all that is in it: the rest of a folder is a part of its own, so that nothing
 * counts twice. Pure.
 */
export function foldersAsTree(bytes: number, folders: readonly Folder[]): Node[] {
  return childrenOf('', bytes, folders)
}

function childrenOf(path: string, bytes: number, folders: readonly Folder[]): Node[] {
  const below = folders.filter((each) => each.path !== path && isWithin(each.path, path))
  const direct = below.filter((each) => !below.some((other) => other !== each && isWithin(each.path, other.path)))
  if (direct.length === 0) return []
  const nodes = direct.map((each) => ({
    id: each.path,
    value: each.bytes,
    children: childrenOf(each.path, each.bytes, folders),
  }))
  const rest = bytes - direct.reduce((sum, each) => sum + each.bytes, 0)
  return rest > 0 ? [...nodes, { id: restOf(path), value: rest }] : nodes
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`)
}

/** What a tile is called: its path below the tile around it. Pure. */
export function nameOfTile(path: string, folders: readonly Folder[]): string {
  const around = folders.map((each) => each.path).filter((each) => each !== path && isWithin(path, each))
  const nearest = around.reduce((longest, each) => (each.length > longest.length ? each : longest), '')
  return nearest ? path.slice(nearest.length + 1) : path
}

export type Totals = { people: { bytes: number }; shared: { bytes: number }; admin: { bytes: number } }
export const labGroups = ['people', 'shared', 'admin'] as const
export type LabGroup = (typeof labGroups)[number]

/** What the lab has on its disk: people's folders, shared/ and admin/, each with its parts; the rest of a group is one tile. Pure. */
export function labAsTree(totals: Totals, places: readonly Pick<PlaceUsage, 'kind' | 'path' | 'bytes'>[]): Node[] {
  return labGroups.map((group) => {
    const value = totals[group].bytes
    const parts = places.filter((place) => groupOf(place) === group && isPart(place))
    const children = parts.map(({ path, bytes }) => ({ id: path, value: bytes }))
    const rest = value - children.reduce((sum, each) => sum + each.value, 0)
    return { id: group, value, children: rest > 0 ? [...children, { id: `${group}/`, value: rest }] : children }
  })
}

export function groupOf({ kind }: Pick<PlaceUsage, 'kind'>): LabGroup {
  return kind === 'person' ? 'people' : kind
}

/** `shared` holds `shared/datasets`, and that each dataset: only the middle ones are parts that do not overlap. */
function isPart({ kind, path }: Pick<PlaceUsage, 'kind' | 'path'>): boolean {
  return kind === 'person' || path.split('/').length === 2
}
