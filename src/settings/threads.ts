/** The threads of a process for calls to file systems. A call to a disk that hangs holds one as long as it lasts. */

const enough = 16
const usual = 4

/** Makes this process have enough threads, unless the environment sets how many. Call it before the first call to a file system. */
export function haveThreads(env: NodeJS.ProcessEnv = process.env): void {
  env.UV_THREADPOOL_SIZE ??= String(enough)
}

export function threadsIn({ UV_THREADPOOL_SIZE: set }: NodeJS.ProcessEnv): number {
  return Math.max(1, Math.trunc(Number(set ?? usual)) || 1)
}
