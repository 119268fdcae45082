/** Environments reach neither link-local addresses, nor their machine, nor the networks in BLOCKED_NETWORKS. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { untilStatus } from './support/notebook.ts'
import { type OwnEngine, startOwnEngine } from './support/own-engine.ts'
import { startService } from './support/service.ts'
import { createTiny, createTinyFolder, type TinyFolder } from './support/tiny.ts'

const execute = promisify(execFile)

// Addresses behind the machine, in a network namespace of their own: a cloud's metadata server, a database of the company, the internet.
const metadata = '169.254.169.254'
const listed = '10.1.2.3'
const internet = '198.51.100.7'
const server = `
use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => $ARGV[0], Listen => 9, ReuseAddr => 1) or die $!;
$| = 1; print "up\\n"; while (my $c = $s->accept) { print $c "hello\\n"; close $c }`
const connect = `
use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => 3);
print $s ? 'reached' : 'not reached'`

let tiny: TinyFolder
let engine: OwnEngine
let outside: ChildProcess
const servers: ChildProcess[] = []
beforeAll(async () => {
  tiny = await createTinyFolder('guarded')
  engine = await startOwnEngine(tiny.folder, 'debian:trixie-slim')
  // As an earlier version made the network, without a name for its bridge: the engine names the interface.
  await engine.docker('network', 'create', '--opt', 'com.docker.network.bridge.enable_icc=false', 'ai-lab-environments')
  outside = spawn('unshare', ['--net', 'sh', '-c', 'echo up; exec sleep 3600'], { stdio: ['ignore', 'pipe', 'ignore'] })
  await firstOutput(outside)
  const inOutside = ['nsenter', `--net=/proc/${outside.pid}/ns/net`]
  await inMachine('ip', 'link', 'add', 'uplink', 'type', 'veth', 'peer', 'name', 'machine', 'netns', `${outside.pid}`)
  await inMachine('ip', 'address', 'add', '192.0.2.1/24', 'dev', 'uplink')
  await inMachine('ip', 'link', 'set', 'uplink', 'up')
  await run([...inOutside, 'ip', 'address', 'add', '192.0.2.2/24', 'dev', 'machine'])
  await run([...inOutside, 'ip', 'link', 'set', 'machine', 'up'])
  await run([...inOutside, 'ip', 'link', 'set', 'lo', 'up'])
  await run([...inOutside, 'ip', 'route', 'add', 'default', 'via', '192.0.2.1'])
  for (const address of [metadata, listed, internet]) {
    await run([...inOutside, 'ip', 'address', 'add', `${address}/32`, 'dev', 'lo'])
    await inMachine('ip', 'route', 'add', address, 'via', '192.0.2.2')
  }
  for (const port of ['80', '53'])
    servers.push(await listenOn(inOutside, port), await listenOn(engine.inItsNetwork, port))
})
afterAll(async () => {
  for (const child of [...servers, outside]) child?.kill('SIGKILL')
  await engine?.[Symbol.asyncDispose]()
  await tiny?.[Symbol.asyncDispose]()
})

// Trouble (notebook): a notebook reads the machine's own credentials from the cloud's metadata server
test('an environment reaches the internet and name servers, but not the metadata server, its machine or a blocked network', async () => {
  const env = { ...tiny.catalog, DOCKER_HOST: engine.socket, BLOCKED_NETWORKS: '10.0.0.0/8' }
  await using service = await startService({ env, through: engine.inItsNetwork })
  const { id, status } = await createTiny(service)
  expect(status).toBe('running') // so the service reaches it
  const gateway = await engine.docker(
    'inspect',
    '--format',
    '{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}',
    id,
  )
  const from = (to: string, port = '80') => engine.docker('exec', id, 'perl', '-e', connect, to, port)
  const reaches = async () =>
    Object.fromEntries(
      await Promise.all(
        Object.entries({ metadata, listed, internet, gateway, uplink: '192.0.2.1' }).map(
          async ([name, to]) => [name, await from(to)] as const,
        ),
      ),
    )
  const guarded = {
    ...{ metadata: 'not reached', listed: 'not reached', gateway: 'not reached', uplink: 'not reached' },
    internet: 'reached',
  }
  expect(await reaches()).toEqual(guarded)
  // A name server may be at any of these addresses.
  expect([await from(metadata, '53'), await from(gateway, '53'), await from(listed, '53')]).toEqual(
    Array(3).fill('reached'),
  )

  // A second start adds no rules.
  const rules = () => inMachine('iptables', '-S')
  const before = await rules()
  await service.end()
  await service.startAgain()
  await untilStatus(service, id, 'running')
  expect(ours(await rules())).toEqual(ours(before))

  // After somebody flushed the firewall, a start restores the rules, but not for a network that left the settings.
  await service.end()
  await inMachine('iptables', '-F', 'INPUT')
  await inMachine('iptables', '-F', 'AI-LAB-FORWARD')
  expect(await reaches()).toMatchObject({ metadata: 'reached', gateway: 'reached', listed: 'not reached' })
  await service.startAgain({ BLOCKED_NETWORKS: '' })
  await expect.poll(reaches).toEqual({ ...guarded, listed: 'reached' })
  await service.end()
})

function ours(rules: string): string[] {
  return rules.split('\n').filter((line) => line.includes('AI-LAB'))
}

async function run([command = '', ...args]: string[]): Promise<string> {
  return (await execute(command, args)).stdout
}

function inMachine(...command: string[]): Promise<string> {
  return run([...engine.inItsNetwork, ...command])
}

async function listenOn(inNetwork: string[], port: string): Promise<ChildProcess> {
  const [command = '', ...args] = [...inNetwork, 'perl', '-e', server, port]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await firstOutput(child)
  return child
}

function firstOutput(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', resolve)
    child.once('exit', () => reject(new Error('It ended before it was up.')))
  })
}
