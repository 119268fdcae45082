import SQLite from 'better-sqlite3'

/** Looks into a database and writes nothing. `content`: the bytes of a closed file, because SQLite makes a log for a reader too. */
export function lookInto<T>(file: string, content: Uint8Array | null, look: (sqlite: SQLite.Database) => T): T {
  return within(content ? inMemory(content) : new SQLite(file, { readonly: true }), look)
}

/** Closes the database after the look. */
export function within<T>(sqlite: SQLite.Database, look: (sqlite: SQLite.Database) => T): T {
  try {
    return look(sqlite)
  } finally {
    sqlite.close()
  }
}

/** A database in memory has no log: bytes 18 and 19 of the header say so (https://sqlite.org/fileformat2.html#file_format_version_numbers). */
function inMemory(content: Uint8Array): SQLite.Database {
  const bytes = Buffer.from(content)
  if (bytes[18] === 2) bytes.fill(1, 18, 20)
  return new SQLite(bytes)
}
