import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { pin, startChp, startFileServer, startGateway } from './support/proxies.ts'
import { measureRound } from './support/wrk.ts'

const split = (pid: number) => {
  const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return [Number(f[11]) * 10, Number(f[12]) * 10] as const
}
await using stack = new AsyncDisposableStack()
await pin({ pid: process.pid })
const files = await startFileServer(stack)
const variants = JSON.parse(process.env.VARIANTS ?? '[{}]') as Record<string, string>[]
const gws = []
for (const v of variants) {
  const g = await startGateway(stack, files.port, v)
  gws.push({ ...g, name: JSON.stringify(v) })
}
const gw = gws[0]!
const chp = process.env.CHP ? [await startChp(stack, files.port)] : []
const rounds = Number(process.env.ROUNDS ?? 2)
for (let r = 0; r < rounds; r++)
  for (const connections of JSON.parse(process.env.CONNS ?? '[50,500]'))
    for (const p of [...gws, ...chp]) {
      const load = { url: `http://127.0.0.1:${p.port}${p.path}/small`, headers: p.headers }
      const s = new AbortController().signal
      await measureRound(load, { seconds: 2, connections }, s)
      const [u0, k0] = split(p.pid)
      if (process.env.PERF && p === gw && r === rounds - 1)
        spawn(
          'perf',
          [
            'record',
            '-q',
            '-F',
            '500',
            '-g',
            '-p',
            String(p.pid),
            '-o',
            `/tmp/perf.${connections}`,
            '--',
            'sleep',
            '5',
          ],
          { stdio: 'inherit' },
        )
      const seconds = Number(process.env.SECS ?? (connections === 50 ? 6 : 12))
      const m = await measureRound(load, { seconds, connections }, s)
      const [u1, k1] = split(p.pid)
      const n = m.perSecond * seconds
      console.log(
        p.name,
        connections,
        m.perSecond.toFixed(0),
        'p99',
        m.p99Ms,
        'user',
        (((u1 - u0) * 1000) / n).toFixed(1),
        'sys',
        (((k1 - k0) * 1000) / n).toFixed(1),
      )
    }
