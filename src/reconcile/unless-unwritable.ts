import { isUnwritable } from '../domain/problem.ts'

/**
 * Waits for a record that the work of a pass does not need. If the disk of the data root is full, or another program holds the
 * database, the pass goes on without it.
 */
export async function unlessUnwritable(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!isUnwritable(error)) throw error
  }
}
