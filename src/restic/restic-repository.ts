import {
  type BackupSnapshot,
  folderOf,
  partOf,
  type RepositoryEntry,
  type SavedPart,
  type SaveProgress,
  snapshotFolderOf,
} from '../domain/backups/backup.ts'
import { labels } from '../domain/names.ts'
import { isProblem } from '../domain/problem.ts'
import type { BackupRepository } from '../ports/backup-repository.ts'
import { removeOwnLocks } from './own-locks.ts'
import { createRunRestic, type ResticUses, type Run } from './restic-run.ts'
import { type Message, meaningOf } from './restic-words.ts'

const tag = 'ai-lab'
const idTag = 'backup='
const examplesKept = 5
const namedAtOnce = 200
// Stands in restic's JSON for each octet that is not UTF-8.
const replaced = '\u{fffd}'

/** Backups by restic (https://restic.net), each run in an errand of the engine. */
export function createResticRepository(uses: ResticUses): BackupRepository {
  const running = new Set<string>()
  const run = createRunRestic(uses, running)
  const { engine, owner, user } = uses

  /** Runs a command that needs the repository to be free. If only our own dead processes hold it, it is freed. */
  async function runAlone(asked: Run, options: { signal?: AbortSignal } = {}) {
    try {
      return await run(asked, options)
    } catch (error) {
      const isLocked = isProblem(error, 'backup-repository-unusable') && meaningOf(error.adminDetail) === 'locked'
      if (!isLocked || !(await removeOwnLocks(run, engine, owner, options))) throw error
      return await run(asked, options)
    }
  }

  return {
    // Looks into the backups go on beside work on them.
    takeOver: (options) => engine.endErrands({ name: labels.errand, value: owner, except: running }, options),

    async begin(options) {
      await run({ doing: 'make the repository', args: ['init'] }, options)
    },

    async isBegun(options) {
      try {
        await run({ doing: 'open the repository', args: ['cat', 'config'], readOnly: true }, options)
        return true
      } catch (error) {
        const isAbsent = isProblem(error, 'backup-repository-unusable') && meaningOf(error.adminDetail) === 'absent'
        if (isAbsent) return false
        throw error
      }
    },

    async snapshots(options) {
      let text = ''
      const onLine = (piece: string) => {
        text += piece
      }
      await run({ doing: 'list the backups', args: ['snapshots', '--tag', tag], readOnly: true, onLine }, options)
      return (JSON.parse(text) as Listed[]).flatMap((each) => snapshotOf(each) ?? [])
    },

    async save({ backupId, part, hostPath, without = [], largestFileBytes }, onProgress, options) {
      const target = `/${snapshotFolderOf(part)}`
      const saved: SavedPart = { snapshotId: '', files: 0, bytes: 0, addedBytes: 0, unread: { count: 0, examples: [] } }
      await runAlone(
        {
          doing: `back up ${folderOf(part)}`,
          args: [
            'backup',
            target,
            ...['--host', folderOf(part), '--tag', `${tag},${idTag}${backupId}`],
            ...['--exclude-larger-than', `${Math.ceil(largestFileBytes / 1024)}K`],
            ...without.flatMap((entry) => ['--exclude', escaped(`${target}/${entry}`)]),
          ],
          mounts: [{ source: hostPath, target, readOnly: true }],
          mayEnd: [3], // some files could not be read
          onMessage: (message) => note(saved, message, onProgress),
        },
        options,
      )
      return saved
    },

    async entries({ id, part }, path, { from, limit }, options = {}) {
      const folder = `/${snapshotFolderOf(part)}${path === '' ? '' : `/${path}`}`
      const found: RepositoryEntry[] = []
      const enough = new AbortController()
      let [isThere, seen] = [false, 0]
      const onMessage = (message: Message) => {
        if (message.struct_type !== 'node' || enough.signal.aborted) return
        const node = message as unknown as Node
        if (node.path === folder) isThere = node.type === 'dir'
        if (node.path !== `${folder}/${node.name}`) return
        isThere = true
        seen += 1
        if (seen > from) found.push(entryOf(node))
        if (found.length === limit) enough.abort() // a folder may have millions
      }
      const signal = AbortSignal.any([enough.signal, ...(options.signal ? [options.signal] : [])])
      const list = { doing: 'list a folder', args: ['ls', id, folder], readOnly: true, onMessage }
      await run(list, { signal }).catch((error: unknown) => {
        if (found.length < limit) throw error
      })
      return isThere ? found : null
    },

    async entry({ id, part }, path, options = {}) {
      const wanted = `/${snapshotFolderOf(part)}/${path}`
      let found: RepositoryEntry | null = null
      const enough = new AbortController()
      const onMessage = (message: Message) => {
        if (message.struct_type !== 'node' || message.path !== wanted) return
        found = entryOf(message as unknown as Node)
        enough.abort() // of a folder, all entries would follow
      }
      const signal = AbortSignal.any([enough.signal, ...(options.signal ? [options.signal] : [])])
      const list = { doing: 'look for a file', args: ['ls', id, wanted], readOnly: true, onMessage }
      await run(list, { signal }).catch((error: unknown) => {
        if (!enough.signal.aborted) throw error
      })
      return found
    },

    async content({ id, part }, path, take, options) {
      // Without `--quiet`, restic writes words of its own first.
      const args = ['--quiet', 'dump', id, `/${snapshotFolderOf(part)}/${path}`]
      await run({ doing: 'read a file', args, readOnly: true, onOutput: take }, options)
    },

    async restore({ snapshot: { id, part }, path, hostPath, forService = false }, onProgress, options) {
      const only = path === '' ? [] : ['--include', escaped(`/${snapshotFolderOf(part)}/${path}`)]
      await run(
        {
          doing: `restore ${folderOf(part)}`,
          whenFull: 'There is too little room for the restore: it needs as much as what it brings back.',
          args: ['restore', id, '--target', '/restored', '--verify', ...only],
          mounts: [{ source: hostPath, target: '/restored', readOnly: false }],
          asRoot: !forService || (await user()).startsWith('0:'), // restic tells a refused chown to root alone
          readOnly: true,
          onMessage: (message) => {
            if (message.message_type === 'status') onProgress(restoredOf(message))
          },
        },
        options,
      )
    },

    async sizeOf(ids, options) {
      const size = { entries: 0, bytes: 0 }
      const onMessage = ({ total_file_count, total_size }: Message) => {
        size.entries += Number(total_file_count ?? 0)
        size.bytes += Number(total_size ?? 0)
      }
      for (let at = 0; at < ids.length; at += namedAtOnce) {
        const args = ['stats', '--mode', 'restore-size', ...ids.slice(at, at + namedAtOnce)]
        await run({ doing: 'ask for the size of a backup', args, readOnly: true, onMessage }, options)
      }
      return size
    },

    async drop(ids, { isFull = false, ...options } = {}) {
      for (let at = 0; at < ids.length; at += namedAtOnce) {
        const some = ids.slice(at, at + namedAtOnce)
        await runAlone({ doing: 'remove old backups', args: ['forget', ...some] }, options)
      }
      const prune = ['prune', ...(isFull ? ['--max-repack-size', '0'] : [])]
      await runAlone({ doing: 'remove the data of old backups', args: prune }, options)
    },

    async check({ nth, of }, options) {
      const args = ['check', `--read-data-subset=${nth}/${of}`]
      await runAlone({ doing: 'check the backups', args }, options)
    },
  }
}

type Listed = { id: string; time: string; hostname: string; tags?: string[] }
type Node = { name: string; path: string; type: string; size?: number; mtime: string }

function snapshotOf({ id, time, hostname, tags = [] }: Listed): BackupSnapshot | null {
  const part = partOf(hostname)
  const backupId = tags.find((each) => each.startsWith(idTag))?.slice(idTag.length)
  return part && backupId ? { id, backupId, part, at: Date.parse(time) } : null
}

function note(saved: SavedPart, message: Message, onProgress: (progress: SaveProgress) => void): void {
  if (message.message_type === 'status') {
    onProgress({
      doneBytes: Number(message.bytes_done ?? 0),
      totalBytes: Number(message.total_bytes ?? 0),
      doneFiles: Number(message.files_done ?? 0),
      totalFiles: Number(message.total_files ?? 0),
    })
  }
  if (message.message_type === 'error') {
    const examples = [...saved.unread.examples, String(message.item ?? '')].slice(0, examplesKept)
    saved.unread = { count: saved.unread.count + 1, examples }
  }
  if (message.message_type !== 'summary') return
  saved.snapshotId = String(message.snapshot_id)
  saved.files = Number(message.total_files_processed)
  saved.bytes = Number(message.total_bytes_processed)
  saved.addedBytes = Number(message.data_added_packed ?? message.data_added)
}

function restoredOf(message: Message): SaveProgress {
  return {
    doneBytes: Number(message.bytes_restored ?? 0),
    totalBytes: Number(message.total_bytes ?? 0),
    doneFiles: Number(message.files_restored ?? 0),
    totalFiles: Number(message.total_files ?? 0),
  }
}

function entryOf({ name, type, size = 0, mtime }: Node): RepositoryEntry {
  const types: Record<string, RepositoryEntry['type']> = { file: 'file', dir: 'folder', symlink: 'link' }
  const isExact = !name.includes(replaced)
  return { name, isExact, type: types[type] ?? 'other', sizeBytes: size, modifiedAt: Date.parse(mtime) }
}

/** A path as a pattern that fits it alone (Go's filepath.Match). */
function escaped(path: string): string {
  return path.replace(/[\\*?[\]]/g, '\\$&')
}
