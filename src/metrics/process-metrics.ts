import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Registry } from '@prometheus-io/client'
import type { Gauges } from './gauges.ts'
import { Counter } from './prometheus.ts'

const resolutionMs = 20

/**
 * The process and its event loop. Names that begin with `process_` are those of all Prometheus clients. We leave out the
 * client's default metrics: more than thirty, some with names that promtool refuses.
 */
export function createProcessMetrics(registry: Registry, gauges: Gauges, { version }: { version: string }): Disposable {
  const startedAt = Date.now() / 1000 - process.uptime()
  gauges.each('ailab_build_info', 'Always 1; the versions are in the labels.', ['version', 'node'], () => [
    [{ version, node: process.version }, 1],
  ])
  gauges.one('process_start_time_seconds', 'When the process was started, since the epoch.', () => startedAt)
  gauges.one('process_resident_memory_bytes', 'Memory that the process holds.', () => process.memoryUsage.rss())
  gauges.one('ailab_heap_used_bytes', 'Memory that JavaScript objects use.', () => usedHeapBytes())
  gauges.one('ailab_active_resources', 'Connections, files and timers that keep the process busy.', () => {
    return process.getActiveResourcesInfo().length
  })
  total(registry, 'process_cpu_seconds_total', 'CPU time that the process has used.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  total(registry, 'ailab_event_loop_active_seconds_total', 'Time in which the event loop was at work.', () => {
    return performance.eventLoopUtilization().active / 1000
  })
  return createLagMetrics(gauges)
}

/** How late the event loop runs its timers, since the last scrape. */
function createLagMetrics(gauges: Gauges): Disposable {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  // The measured time between two turns of a timer includes the timer's interval, which is not lag.
  const lagOf = (ns: number) => (delay.count === 0 ? 0 : Math.max(0, ns / 1e9 - resolutionMs / 1000))
  const since = 'since the last scrape'
  gauges.one('ailab_event_loop_lag_p50_seconds', `Median lag of the event loop ${since}.`, () => {
    return lagOf(delay.percentile(50))
  })
  gauges.one('ailab_event_loop_lag_p99_seconds', `99th percentile of the lag of the event loop ${since}.`, () => {
    return lagOf(delay.percentile(99))
  })
  // Read last of the three.
  gauges.one('ailab_event_loop_lag_max_seconds', `Longest lag of the event loop ${since}.`, () => {
    const max = lagOf(delay.max)
    delay.reset()
    return max
  })
  return { [Symbol.dispose]: () => void delay.disable() }
}

/** A counter whose value the process itself keeps. */
function total(registry: Registry, name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset()
      this.inc(read())
    },
  })
}

function usedHeapBytes(): number {
  return process.memoryUsage().heapUsed
}
