import { release } from 'node:os'
import { run } from '../lib/run.ts'

/** A sentence that says on which versions, and when, the script ran. */
export async function conditionsOf(signal: AbortSignal): Promise<string> {
  const { output } = await run('docker', ['version', '--format', '{{.Server.Version}}'], { signal, timeoutMs: 30_000 })
  const date = new Date().toISOString().slice(0, 10)
  return `Run on Docker Engine ${output.trim()}, Linux ${release()}, Node ${process.version}, ${date}.`
}
