import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { CountingLine, CountingOrder } from '../domain/usage/counting.ts'
import { type Octets, shown } from '../lib/octets.ts'
import { startTimer } from '../lib/timer.ts'
import type { Uncounted, UsageCounter } from '../ports/usage-counter.ts'

// One process that hangs in the kernel costs little, but each holds what it has opened.
const hangingAtMost = 3
const program = fileURLToPath(new URL('../count-usage.ts', import.meta.url))

type Options = {
  /** The data root. */
  root: string
  indexFile: string
  /** A process that says nothing for so long hangs on a disk. It beats every second. */
  silenceMs?: number
  /** The walk itself needs little. A tree that needs more ends the counting process, not the service. */
  memoryMiB?: number
}

/**
 * Counts in a process of its own, at the lowest priority for the processor and the disk: a walk through a million files takes
 * neither the service's event loop nor its four threads for files, and a disk that does not answer hangs that process alone.
 */
export function createUsageCounter({ root, indexFile, silenceMs = 60_000, memoryMiB = 256 }: Options): UsageCounter {
  /** Processes that were ended and hang in the kernel, by the tree that they were counting; '' is the data root itself. */
  const hanging = new Map<Octets, ChildProcess>()

  return {
    async count({ full, stopSubvolumes, signal }, onCounted, onTrashed) {
      /** Trees that are counted, or whose disks do not answer. */
      const left = new Set<Octets>(hanging.keys())
      let hung = left.size
      const uncounted: Uncounted[] = [...hanging.keys()].map(stillHangs)
      while (hung < hangingAtMost && !left.has('')) {
        const order = { root, indexFile, full, stopSubvolumes, left: [...left] }
        const end = await runOnce(order, { signal, silenceMs, memoryMiB }, (line) => {
          if (line.kind === 'failed') {
            left.add(line.tree)
            uncounted.push({ tree: line.tree, reason: line.reason })
          }
          if (line.kind === 'trashed') onTrashed(line.folders)
          if (line.kind !== 'counted') return
          left.add(line.count.tree)
          onCounted(line.count)
        })
        if (end.kind === 'done') return uncounted
        uncounted.push({ tree: end.tree, reason: end.reason })
        if (end.kind === 'failed') return uncounted
        left.add(end.tree ?? '')
        hung += 1
        remember(hanging, end.tree ?? '', end.process)
      }
      return [...uncounted, { tree: null, reason: 'too many disks do not answer: the rest was not counted' }]
    },
  }
}

function stillHangs(tree: Octets): Uncounted {
  return { tree: tree === '' ? null : tree, reason: 'its disk still does not answer' }
}

/** No count goes there until the kernel has let the process end. */
function remember(hanging: Map<Octets, ChildProcess>, tree: Octets, process: ChildProcess): void {
  hanging.set(tree, process)
  process.once('exit', () => hanging.delete(tree))
}

type End =
  | { kind: 'done' }
  | { kind: 'failed'; tree: Octets | null; reason: string }
  | { kind: 'hung'; tree: Octets | null; reason: string; process: ChildProcess }

async function runOnce(
  order: CountingOrder,
  { signal, silenceMs, memoryMiB }: Required<Pick<Options, 'silenceMs' | 'memoryMiB'>> & { signal: AbortSignal },
  onLine: (line: CountingLine) => void,
): Promise<End> {
  signal.throwIfAborted()
  const child = await start(memoryMiB)
  const { promise, resolve, reject } = Promise.withResolvers<End>()
  let tree: Octets | null = null
  let words = ''
  let cancel = () => {}
  const end = (settle: () => void) => {
    child.kill('SIGKILL')
    settle()
  }
  const hung = () => {
    const reason = `the disk did not answer for ${Math.round(silenceMs / 1000)} s`
    end(() => resolve({ kind: 'hung', tree, reason, process: child }))
  }
  const beat = () => {
    cancel()
    cancel = startTimer(silenceMs, hung, { unref: true })
  }
  const abort = () => end(() => reject(signal.reason))
  signal.addEventListener('abort', abort, { once: true })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-2_000)
  })
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (text) => {
      beat()
      const line: CountingLine = JSON.parse(text)
      if (line.kind === 'begins') tree = line.tree
      onLine(line)
    })
  }
  child.once('error', ({ message }) => resolve({ kind: 'failed', tree: null, reason: message }))
  child.once('close', (code) => {
    if (code === 0) resolve({ kind: 'done' })
    else resolve({ kind: 'failed', tree: null, reason: failureOf(words, tree, code ?? child.signalCode) })
  })
  child.stdin?.on('error', () => {}) // the process has ended, and its end tells why
  child.stdin?.end(JSON.stringify(order))
  beat()
  try {
    return await promise
  } finally {
    cancel()
    signal.removeEventListener('abort', abort)
    child.unref()
  }
}

function failureOf(words: string, tree: Octets | null, code: unknown): string {
  const said = words.split('\n').find((line) => /Error: /.test(line))
  return `the counting process ended (${code})${tree === null ? '' : ` in ${shown(tree)}`}${said ? `: ${said.trim()}` : ''}`
}

/** At the lowest priority for the disk, if the system has `ionice`. The process lowers its priority for the processor itself. */
async function start(memoryMiB: number): Promise<ChildProcess> {
  const node = [process.execPath, `--max-old-space-size=${memoryMiB}`, '--disable-warning=ExperimentalWarning', program]
  const child = spawn('ionice', ['-c', '3', '-t', ...node], { stdio: 'pipe', cwd: '/' })
  if (await spawned(child)) return child
  const [file = '', ...args] = node
  return spawn(file, args, { stdio: 'pipe', cwd: '/' })
}

function spawned(child: ChildProcess): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  child.once('spawn', () => resolve(true))
  child.once('error', () => resolve(false))
  return promise
}
