import SQLite from 'better-sqlite3'
import type { Journal } from '../domain/file-system.ts'
import type { Count } from '../domain/usage/count.ts'
import type { FolderIndex, KnownFolder, WatchedFile } from '../ports/folder-index.ts'

// Another text makes the index anew: it is disposable, so it is never migrated.
const version = 1

const tables = `
  CREATE TABLE folders (
    id INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL,
    name TEXT NOT NULL,
    tree INTEGER NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    stamp TEXT,
    children INTEGER NOT NULL DEFAULT 0,
    watched INTEGER NOT NULL DEFAULT 0,
    own_bytes REAL NOT NULL DEFAULT 0, own_size REAL NOT NULL DEFAULT 0, own_files INTEGER NOT NULL DEFAULT 0,
    bytes REAL NOT NULL DEFAULT 0, size REAL NOT NULL DEFAULT 0, files INTEGER NOT NULL DEFAULT 0,
    folders INTEGER NOT NULL DEFAULT 0
  );
  CREATE UNIQUE INDEX folders_by_name ON folders (parent, name);
  CREATE TABLE watched (
    folder INTEGER NOT NULL, name TEXT NOT NULL, tree INTEGER NOT NULL, bytes REAL NOT NULL, size REAL NOT NULL,
    PRIMARY KEY (folder, name)
  ) WITHOUT ROWID;
  CREATE INDEX watched_by_tree ON watched (tree, bytes);
  PRAGMA user_version = ${version};
`

type Row = {
  id: number
  name: string
  stamp: string | null
  children: number
  watched: number
  own_bytes: number
  own_size: number
  own_files: number
  bytes: number
  size: number
  files: number
  folders: number
}

/**
 * The index as an SQLite file of its own, for this process alone. @throws SQLite's error if another process has it (SQLITE_BUSY),
 * or if the file is broken: then remove it and open it again
 */
export function openFolderIndex(file: string, { journal }: { journal: Journal }): FolderIndex & Disposable {
  const sqlite = new SQLite(file, { timeout: 1_000 })
  try {
    prepareTables(sqlite, journal)
    sqlite.exec('BEGIN IMMEDIATE')
  } catch (error) {
    sqlite.close()
    throw error
  }
  const index = indexIn(sqlite)
  return {
    ...index,
    commit: () => void sqlite.exec('COMMIT; BEGIN IMMEDIATE'),
    [Symbol.dispose]: () => void sqlite.close(), // what was not committed is rolled back
  }
}

function prepareTables(sqlite: SQLite.Database, journal: Journal): void {
  sqlite.pragma(`journal_mode = ${journal}`)
  sqlite.pragma('synchronous = NORMAL')
  sqlite.pragma('cache_size = -32000')
  const found = sqlite.pragma('user_version', { simple: true })
  if (found === version) return
  if (found !== 0) throw new Error('The index of folders is of another version')
  sqlite.transaction(() => sqlite.exec(tables))()
}

function indexIn(sqlite: SQLite.Database): Omit<FolderIndex, 'commit'> {
  const run = (text: string) => {
    const statement = sqlite.prepare(text)
    return (...values: (string | number | null)[]) => void statement.run(...values)
  }
  const rows = <T>(text: string) => {
    const statement = sqlite.prepare(text)
    return (...values: (string | number)[]) => statement.all(...values) as T[]
  }
  const byName = rows<Row>('SELECT * FROM folders WHERE parent = ? AND name = ?')
  const addTop = run('INSERT INTO folders (parent, name, tree) VALUES (0, ?, 0)')
  const ownTree = run('UPDATE folders SET tree = id WHERE parent = 0 AND name = ?')
  const next = rows<Row>('SELECT * FROM folders WHERE parent = ? AND name > ? ORDER BY name LIMIT ?')
  const biggest = rows<Row>('SELECT * FROM folders WHERE parent = ? ORDER BY bytes DESC LIMIT ?')
  const see = run(`INSERT INTO folders (parent, name, tree, seen) SELECT id, ?, tree, ? FROM folders WHERE id = ?
    ON CONFLICT (parent, name) DO UPDATE SET seen = excluded.seen`)
  const unseen = rows<{ id: number }>('SELECT id FROM folders WHERE parent = ? AND seen <> ?')
  const below = `WITH RECURSIVE below (id) AS (SELECT ? UNION ALL SELECT f.id FROM folders f JOIN below ON f.parent = below.id)`
  const dropWatched = run(`${below} DELETE FROM watched WHERE folder IN below`)
  const dropFolders = run(`${below} DELETE FROM folders WHERE id IN below`)
  const read = run(
    `UPDATE folders SET stamp = ?, children = ?, own_bytes = ?, own_size = ?, own_files = ? WHERE id = ?`,
  )
  const own = run('UPDATE folders SET own_bytes = ?, own_size = ?, own_files = ? WHERE id = ?')
  const total = run('UPDATE folders SET bytes = ?, size = ?, files = ?, folders = ? WHERE id = ?')
  const doubt = run('UPDATE folders SET stamp = NULL WHERE id = ?')
  const watchedIn = rows<{ folder: number; name: string; bytes: number; size: number }>(
    'SELECT folder, name, bytes, size FROM watched WHERE folder = ?',
  )
  const addWatched = run(`INSERT OR REPLACE INTO watched (folder, name, tree, bytes, size)
    SELECT id, ?, tree, ?, ? FROM folders WHERE id = ?`)
  const countWatched = run(
    'UPDATE folders SET watched = (SELECT count(*) FROM watched WHERE folder = folders.id) WHERE id = ?',
  )
  const unwatch = run('DELETE FROM watched WHERE folder = ?')
  const noneWatched = run('UPDATE folders SET watched = 0 WHERE id = ? AND watched > 0')
  const tooMany = rows<WatchedFile>(
    'SELECT folder, name FROM watched WHERE tree = ? ORDER BY bytes DESC LIMIT -1 OFFSET ?',
  )
  const drop = run('DELETE FROM watched WHERE folder = ? AND name = ?')
  const tops = rows<{ id: number; name: string }>('SELECT id, name FROM folders WHERE parent = 0')

  const forget = (id: number) => {
    dropWatched(id)
    dropFolders(id)
  }
  return {
    top(tree) {
      if (byName(0, tree).length === 0) {
        addTop(tree)
        ownTree(tree)
      }
      const [row] = byName(0, tree)
      if (!row) throw new Error('the index does not keep what it is told')
      return known(row)
    },
    keepOnly(trees) {
      const kept = new Set(trees)
      for (const { id, name } of tops()) if (!kept.has(name)) forget(id)
    },
    children: (folder, { after, atMost }) => next(folder, after, atMost).map(known),
    biggestChildren: (folder, atMost) => biggest(folder, atMost).map(known),
    sawChild: (folder, name, run) => see(name, run, folder),
    forgetUnseen(folder, run) {
      for (const { id } of unseen(folder, run)) forget(id)
    },
    wasRead: (folder, { stamp, own, children }) => read(stamp, children, own.bytes, own.sizeBytes, own.files, folder),
    setOwn: (folder, { bytes, sizeBytes, files }) => own(bytes, sizeBytes, files, folder),
    setTotal: (folder, { bytes, sizeBytes, files, folders }) => total(bytes, sizeBytes, files, folders, folder),
    doubt: (folder) => doubt(folder),
    watchedIn: (folder) => watchedIn(folder).map(({ size, ...file }) => ({ ...file, sizeBytes: size })),
    unwatch(folder) {
      unwatch(folder)
      noneWatched(folder)
    },
    watch(files) {
      for (const { folder, name, bytes, sizeBytes } of files) addWatched(name, bytes, sizeBytes, folder)
      for (const folder of new Set(files.map((file) => file.folder))) countWatched(folder)
    },
    trimWatched(tree, atMost) {
      const dropped = tooMany(tree, atMost)
      for (const { folder, name } of dropped) drop(folder, name)
      for (const folder of new Set(dropped.map((file) => file.folder))) countWatched(folder)
    },
  }
}

function known(row: Row): KnownFolder {
  const total: Count = { bytes: row.bytes, sizeBytes: row.size, files: row.files, folders: row.folders }
  const own: Count = { bytes: row.own_bytes, sizeBytes: row.own_size, files: row.own_files, folders: 1 }
  const { id, name, stamp, children, watched } = row
  return { id, name, stamp, own, total, children, watched }
}

/** An index that ends with this process. */
export function createPassingIndex(): FolderIndex & Disposable {
  return openFolderIndex(':memory:', { journal: 'DELETE' })
}
