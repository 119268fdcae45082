import { Problem } from '../domain/problem.ts'

type Position = { createdAt: number; id: string }

/** Packs the end of a page into a text that clients send back as it is. */
export function toCursor(position: (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/** The cursor of a list that is sorted by time and id. */
export function toTimeCursor(position: Position | null): string | null {
  return position && toCursor([position.createdAt, position.id])
}

/** @throws Problem invalid-request */
export function fromTimeCursor(cursor: string | undefined): Position | null {
  if (cursor === undefined) return null
  const [createdAt, id] = fromCursor(cursor, ['number', 'string'])
  return { createdAt, id }
}

/** Reads a cursor whose parts must have those types. @throws Problem invalid-request */
export function fromCursor<const Types extends readonly ('string' | 'number')[]>(
  cursor: string,
  types: Types,
): { [Index in keyof Types]: Types[Index] extends 'string' ? string : number } {
  const parts = parsed(cursor)
  if (Array.isArray(parts) && parts.length === types.length && types.every((type, at) => typeof parts[at] === type)) {
    return parts as { [Index in keyof Types]: Types[Index] extends 'string' ? string : number }
  }
  throw new Problem('invalid-request', 'The cursor is not one that a list gave.', {
    errors: [{ pointer: '/cursor', detail: "give an earlier page's next_cursor as it is" }],
  })
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return null // no JSON is no cursor: the caller says so
  }
}
