import { systemClock } from '../lib/system-clock.ts'
import type { ContainerStats, Engine } from '../ports/engine.ts'
import type { Call } from './calls.ts'
import type { Docker, Sample } from './dockerode.ts'
import { httpStatusOf } from './engine-problem.ts'
import { nanosecondsOf } from './nanoseconds.ts'

type Running = Sample & { read: string; cpu_stats: { cpu_usage: { total_usage: number } } }

/** The engine's own two samples are a second apart; a fifth of one is enough to tell a busy container from an idle one. */
const betweenSamplesMs = 200

export function createStats(docker: Docker, call: Call): Pick<Engine, 'stats' | 'cpuTimeMs'> {
  /** Null if the container is not up. Docker 20 answers the first at once; each later one waits up to a second for the next. */
  async function sample(id: string, abortSignal: AbortSignal): Promise<Running | null> {
    try {
      const taken = await docker.getContainer(id).stats({ stream: false, 'one-shot': true, abortSignal })
      return isRunning(taken) ? taken : null
    } catch (error) {
      if ([404, 409].includes(httpStatusOf(error) ?? 0)) return null // 409: the engine is removing it
      throw error
    }
  }

  async function measure(id: string, signal: AbortSignal): Promise<ContainerStats | null> {
    const first = await sample(id, signal)
    if (!first) return null
    await systemClock.sleep(betweenSamplesMs, { signal })
    const second = await sample(id, signal)
    return second && statsOf(first, second)
  }

  return {
    stats: (id, options) => call(`measure ${id}`, (signal) => measure(id, signal), options),
    async cpuTimeMs(id, options) {
      const taken = await call(`measure ${id}`, (signal) => sample(id, signal), options)
      return taken && cpuTimeMsOf(taken)
    },
  }
}

/**
 * The engine also answers for a container that is not up: with zeros, read in the year 1; with nothing at all, if the
 * container has ended or is being removed; or without the part that every running container has.
 */
function isRunning(sample: Sample): sample is Running {
  const isRead = sample.read !== undefined && !sample.read.startsWith('0001-')
  return isRead && sample.cpu_stats?.cpu_usage?.total_usage !== undefined
}

/** The engine counts in nanoseconds. Pure. */
export function cpuTimeMsOf({ cpu_stats }: Running): number {
  return cpu_stats.cpu_usage.total_usage / 1e6
}

/** The figures from two samples of one container. Pure. CPU is in percent of one core. */
export function statsOf(first: Running, second: Running): ContainerStats {
  const networks = Object.values(second.networks ?? {})
  return {
    cpuPercent: cpuPercent(first, second),
    memoryBytes: memoryInUse(second.memory_stats),
    memoryLimitBytes: second.memory_stats?.limit ?? 0,
    networkReceivedBytes: sum(networks.map((network) => network.rx_bytes)),
    networkSentBytes: sum(networks.map((network) => network.tx_bytes)),
    blockReadBytes: blockBytes(second, 'read'),
    blockWrittenBytes: blockBytes(second, 'write'),
    pids: second.pids_stats?.current ?? 0,
  }
}

function cpuPercent(first: Running, second: Running): number {
  const elapsed = Number(nanosecondsOf(second.read) - nanosecondsOf(first.read))
  const used = second.cpu_stats.cpu_usage.total_usage - first.cpu_stats.cpu_usage.total_usage
  return elapsed > 0 ? Math.max(0, Math.round((used / elapsed) * 1000) / 10) : 0
}

/** As `docker stats` counts: without the page cache that the kernel can drop at will. cgroup v1, then v2. */
function memoryInUse({ usage = 0, stats = {} }: { usage?: number; stats?: Record<string, number> } = {}): number {
  const droppable = stats.total_inactive_file ?? stats.inactive_file ?? 0
  return Math.max(0, usage - droppable)
}

function blockBytes(sample: Sample, operation: 'read' | 'write'): number {
  const entries = sample.blkio_stats?.io_service_bytes_recursive ?? []
  return sum(entries.filter(({ op }) => op.toLowerCase() === operation).map(({ value }) => value))
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
