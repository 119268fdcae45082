/** Runs tasks with the same key one after the other; tasks with different keys do not wait for each other. */
export type OneAtATime = <T>(key: string, work: () => Promise<T>) => Promise<T>

export function createOneAtATime(): OneAtATime {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const result = (last.get(key) ?? Promise.resolve()).then(work)
    const settled = result.catch(() => {}).finally(() => last.get(key) === settled && last.delete(key))
    last.set(key, settled)
    return result
  }
}
