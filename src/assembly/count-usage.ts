/**
 * The work of the counting process: it counts the trees that its input names, and tells each in a line. It is a process of its
 * own because it blocks, moves its working directory, and may hang for ever on a disk that does not answer.
 */
import { constants, setPriority } from 'node:os'
import { createPassingIndex, openFolderIndex } from '../database/folder-index.ts'
import { stopGrowth } from '../disk/btrfs.ts'
import { countTree } from '../disk/count-tree.ts'
import { removeDatabase } from '../disk/database-files.ts'
import { ensurePrivateFile } from '../disk/files.ts'
import { journalFor } from '../disk/journal.ts'
import { listTrees } from '../disk/list-trees.ts'
import { readInput, writeLine } from '../disk/pipe.ts'
import { biggestFolders } from '../domain/usage/biggest.ts'
import { type Count, type FolderCount, rounded, type TreeCount } from '../domain/usage/count.ts'
import { type CountingLine, type CountingOrder, hasParts } from '../domain/usage/counting.ts'
import { weightInTrash } from '../domain/usage/weight-in-trash.ts'
import { type Octets, octetsOf } from '../lib/octets.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { systemCode } from '../lib/system-code.ts'
import type { FolderIndex } from '../ports/folder-index.ts'

const beatEveryMs = 1_000
const partsAtMost = 2_000
const toldAtOnce = 1_000
const childrenAtMost = 20

export async function countUsage(): Promise<void> {
  setPriority(constants.priority.PRIORITY_LOW)
  const order: CountingOrder = JSON.parse(readInput())
  try {
    await countAll(order)
  } catch (error) {
    if (!isBroken(error)) throw error
    await removeDatabase(order.indexFile)
    await countAll(order)
  }
}

async function countAll({ root, indexFile, full, stopSubvolumes, left }: CountingOrder): Promise<void> {
  const trees = listTrees(octetsOf(root))
  using index = await openIndex(indexFile)
  index.keepOnly(trees)
  for (const tree of trees.filter((each) => !left.includes(each))) {
    tell({ kind: 'begins', tree })
    try {
      const count = countOne(index, { root, tree, full, stopSubvolumes })
      if (tree === 'admin') tellTrash(index)
      tell({ kind: 'counted', count })
    } catch (error) {
      if (systemCode(error)?.startsWith('SQLITE')) throw error
      tell({ kind: 'failed', tree, reason: reasonOf(error) })
    }
  }
  index.commit()
}

function isBroken(error: unknown): boolean {
  return ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_ERROR'].some((code) => systemCode(error)?.startsWith(code))
}

/**
 * Opens the index, or makes it anew if it is broken or of another version: the first count then reads everything. An earlier
 * counting process that hangs on a disk may still hold the index: this count then does without it.
 */
async function openIndex(file: string): Promise<FolderIndex & Disposable> {
  await ensurePrivateFile(file)
  const journal = await journalFor(file)
  try {
    return openFolderIndex(file, { journal })
  } catch (error) {
    if (systemCode(error) === 'SQLITE_BUSY') return createPassingIndex()
    await removeDatabase(file)
    await ensurePrivateFile(file)
    return openFolderIndex(file, { journal })
  }
}

type Asked = Pick<CountingOrder, 'root' | 'full' | 'stopSubvolumes'> & { tree: Octets }

function countOne(index: FolderIndex, { root, tree, full, stopSubvolumes }: Asked): TreeCount {
  const { count, missed } = countTree(`${octetsOf(root)}/${tree}`, tree, {
    index,
    full,
    now: Date.now,
    onProgress: createBeat(),
    onSubvolume: stopSubvolumes && tree.startsWith('users/') ? stopGrowth : () => {},
  })
  const top = { ...index.top(tree), total: count }
  const biggest = biggestFolders(top, (id) => index.biggestChildren(id, childrenAtMost))
  return { tree, count: rounded(count), missed, biggest: biggest.map(whole), parts: partsIn(index, tree, top.id) }
}

function partsIn(index: FolderIndex, tree: Octets, folder: number, path: readonly Octets[] = []): FolderCount[] {
  if (!hasParts(tree, path)) return []
  return index.biggestChildren(folder, partsAtMost).flatMap(({ id, name, total }) => {
    const at = [...path, name]
    return [whole({ path: at.join('/'), count: total }), ...partsIn(index, tree, id, at)]
  })
}

/** Tells the folders in the trash some at a time: there may be more than this process can hold. */
function tellTrash(index: FolderIndex): void {
  const inAdmin = index.children(index.top('admin').id, { after: '', atMost: toldAtOnce })
  const trash = inAdmin.find(({ name }) => name === 'trash')
  for (let after: Octets | undefined = ''; trash && after !== undefined; ) {
    const folders = index.children(trash.id, { after, atMost: toldAtOnce })
    tell({ kind: 'trashed', folders: folders.map(({ name, total }) => ({ id: name, bytes: weightOf(total) })) })
    after = folders.at(-1)?.name
  }
}

function weightOf({ bytes, files, folders }: Count): number {
  return weightInTrash(bytes, files + folders)
}

function whole({ path, count }: FolderCount): FolderCount {
  return { path, count: rounded(count) }
}

function createBeat(): () => void {
  let lastAt = Date.now()
  return () => {
    const now = Date.now()
    if (now - lastAt < beatEveryMs) return
    lastAt = now
    tell({ kind: 'beat' })
  }
}

function tell(line: CountingLine): void {
  writeLine(JSON.stringify(line))
}
