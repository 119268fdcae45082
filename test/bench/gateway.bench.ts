// The gateway beside configurable-http-proxy, nginx and no proxy at all: the same server, and all in turns.
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureProxies } from '../../scripts/lib/tools.ts'
import { ensureWrk } from '../../scripts/lib/wrk.ts'
import { type Figure, printFigures, write } from './support/figures.ts'
import { residentMebibytes } from './support/process.ts'
import {
  cpuMs,
  type Peer,
  pin,
  startChp,
  startEcho,
  startFileServer,
  startGateway,
  startNginxProxy,
  startOffload,
} from './support/proxies.ts'
import { openWebSocket, roundTrips } from './support/round-trips.ts'
import { runBench } from './support/run-bench.ts'
import { median } from './support/statistics.ts'
import { printNote, printTable } from './support/table.ts'
import { measureRound } from './support/wrk.ts'

const rounds = 3
// Most of a message's processor time is the kernel's, and differs by a tenth from round to round.
const roundsOfMessages = 9
const secondsForFew = 4
// Node accepts one connection in each turn of its loop: 500 new ones take seconds. In a longer round they are under one in a hundred.
const secondsForMany = 12
// While the others are measured, V8 discards code that it does not use, and shrinks the space for new objects.
const warmUpSeconds = 2
const manySockets = 10_000
const atOnce = 500
const settleMs = 2_000

type Measured = { perSecond: number; p99Ms: number; cpuUs: number }
type Row = { proxy: string; of: string; measured: Measured }

await runBench('The gateway', async (signal) => {
  await ensureWrk(signal)
  await ensureProxies(signal)
  await using stack = new AsyncDisposableStack()
  await pin({ pid: process.pid })
  printNote(
    'Each proxy has core 0 to itself; the server and the clients share core 1. The medians of three rounds, in turns; of nine for WebSockets.',
  )

  const files = await startFileServer(stack)
  const ofFiles = [
    await startGateway(stack, files.port),
    await startChp(stack, files.port),
    await startNginxProxy(stack, files.port),
    files,
  ]
  const rows: Row[] = []
  for (const [of, path, connections, seconds] of [
    ['1 KiB, 50 connections', '/small', 50, secondsForFew],
    ['1 KiB, 500 connections', '/small', 500, secondsForMany],
    ['1 MiB, 50 connections', '/large', 50, secondsForFew],
  ] as const) {
    const measure = (...turn: [Peer, number]) => ask(...turn, path, connections, signal)
    rows.push(...(await inTurns(ofFiles, of, { rounds, seconds, signal }, measure)))
  }
  const ofDownloads = [
    await startOffload(stack, files.port),
    ...ofFiles.filter(({ name }) => /gateway|nginx/.test(name)),
  ]
  const downloads: Row[] = []
  for (const [of, path] of [
    ['download of 1 MiB, 50 connections', '/large'],
    ['download of 16 MiB, 50 connections', '/huge'],
  ] as const) {
    const measure = (...turn: [Peer, number]) => ask(...turn, path, 50, signal)
    downloads.push(...(await inTurns(ofDownloads, of, { rounds, seconds: secondsForFew, signal }, measure)))
  }

  const echo = await startEcho(stack)
  const gateway = await startGateway(stack, echo.port)
  const ofSockets = [
    gateway,
    await startChp(stack, echo.port),
    await startNginxProxy(stack, echo.port, 'WebSockets'),
    echo,
  ]
  for (const sockets of [50, 500]) {
    const of = `WebSocket, ${sockets} at once`
    const turns = { rounds: roundsOfMessages, seconds: secondsForFew, signal }
    rows.push(...(await inTurns(ofSockets, of, turns, (...turn) => exchange(...turn, sockets))))
  }
  printRows([...rows, ...downloads])
  printFigures([...ratios(rows), ...downloadRatios(downloads), await growth(gateway)])
})

async function inTurns(
  proxies: readonly Peer[],
  of: string,
  { rounds, seconds, signal }: { rounds: number; seconds: number; signal: AbortSignal },
  measure: (proxy: Peer, seconds: number) => Promise<Measured>,
): Promise<Row[]> {
  const taken = new Map<string, Measured[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const proxy of proxies) {
      signal.throwIfAborted()
      await measure(proxy, warmUpSeconds)
      const measured = await measure(proxy, seconds)
      taken.set(proxy.name, [...(taken.get(proxy.name) ?? []), measured])
    }
  }
  const middle = (all: readonly Measured[], of: keyof Measured) => median(all.map((each) => each[of]))
  const rows = Array.from(taken, ([proxy, all]) => ({
    proxy,
    of,
    measured: { perSecond: middle(all, 'perSecond'), p99Ms: middle(all, 'p99Ms'), cpuUs: middle(all, 'cpuUs') },
  }))
  console.log(`  measured: ${of}`)
  return rows
}

async function ask(
  { pid, decider, port, path, headers }: Peer,
  seconds: number,
  file: string,
  connections: number,
  signal: AbortSignal,
): Promise<Measured> {
  const used = () => cpuMs(pid) + (decider === undefined ? 0 : cpuMs(decider))
  const before = used()
  const load = { url: `http://127.0.0.1:${port}${path}${file}`, headers }
  const { perSecond, p99Ms } = await measureRound(load, { seconds, connections }, signal)
  return { perSecond, p99Ms, cpuUs: ((used() - before) * 1000) / (perSecond * seconds) }
}

async function exchange(proxy: Peer, seconds: number, sockets: number): Promise<Measured> {
  const before = cpuMs(proxy.pid)
  const { perSecond, p99Ms, messages } = await roundTrips(proxy, { sockets, seconds })
  const usedMs = proxy.pid === process.pid ? Number.NaN : cpuMs(proxy.pid) - before // here the clients use it as well
  return { perSecond, p99Ms, cpuUs: (usedMs * 1000) / messages }
}

/** The memory of the gateway after many WebSockets were opened and closed, against its memory before. */
async function growth(gateway: Peer): Promise<Figure> {
  const openAndClose = async (count: number) => {
    for (let opened = 0; opened < count; opened += atOnce) {
      const sockets = await Promise.all(Array.from({ length: atOnce }, () => openWebSocket(gateway)))
      for (const socket of sockets) socket.destroy()
    }
  }
  // It takes the memory that it needs for so many at once step by step: after 30,000 it has all.
  await openAndClose(4 * manySockets)
  await sleep(settleMs)
  const before = residentMebibytes(gateway.pid)
  await openAndClose(manySockets)
  await sleep(settleMs)
  return {
    name: `memory after ${manySockets.toLocaleString('en')} more WebSockets`,
    value: residentMebibytes(gateway.pid) - before,
    write: write.mebibytes,
    remark: `of ${before.toFixed(0)} MiB`,
    target: { atMost: 5 },
  }
}

type Comparison = { name: string; what: keyof Measured; ours?: string; peer: string; says: string }

function ratio(
  rows: readonly Row[],
  { name, what, ours = 'gateway', peer, says }: Comparison,
  target?: Figure['target'],
): Figure {
  const of = (proxy: string) => rows.find((row) => row.proxy === proxy && row.of === name)?.measured[what] ?? Number.NaN
  return {
    name: `${name}: ${says} against ${peer}`,
    value: of(ours) / of(peer),
    write: write.ratio,
    ...(target && { target }),
  }
}

function ratios(rows: readonly Row[]): Figure[] {
  const peer = 'configurable-http-proxy'
  const names = [...new Set(rows.map((row) => row.of))]
  return [
    ...names.flatMap((name) => {
      const isSocket = name.startsWith('WebSocket')
      const atLeast = name.startsWith('1 MiB') ? 1.4 : 2.4
      return isSocket
        ? [
            ratio(rows, { name, what: 'cpuUs', peer, says: 'CPU a message' }, { atMost: 0.9 }),
            ratio(rows, { name, what: 'cpuUs', peer: 'nginx', says: 'CPU a message' }),
          ]
        : [
            ratio(rows, { name, what: 'perSecond', peer, says: 'rate' }, { atLeast }),
            ratio(rows, { name, what: 'perSecond', peer: 'nginx', says: 'rate' }),
          ]
    }),
    ...names.map((name) => ratio(rows, { name, what: 'p99Ms', peer, says: 'p99' }, { atMost: 1 })),
  ]
}

function downloadRatios(rows: readonly Row[]): Figure[] {
  const names = [...new Set(rows.map((row) => row.of))]
  return names.flatMap((name) => [
    ratio(rows, { name, what: 'perSecond', ours: 'offload', peer: 'nginx', says: 'rate' }, { atLeast: 0.7 }),
    ratio(rows, { name, what: 'cpuUs', ours: 'offload', peer: 'nginx', says: 'CPU' }),
    ratio(rows, { name, what: 'cpuUs', ours: 'offload', peer: 'gateway', says: 'CPU' }),
  ])
}

function printRows(rows: readonly Row[]): void {
  printTable(
    [
      { title: 'load' },
      { title: 'through' },
      ...['rate', 'p99', 'CPU each'].map((title) => ({ title, align: 'right' as const })),
    ],
    rows.map(({ of, proxy, measured }) => [
      of,
      proxy,
      write.perSecond(measured.perSecond),
      write.ms(measured.p99Ms),
      Number.isNaN(measured.cpuUs) ? '–' : `${measured.cpuUs.toFixed(1)} µs`,
    ]),
  )
}
