/** The user of an environment decides what runs in it: its server may be any program, and answer anything. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { untilStatus } from './support/notebook.ts'
import { type RunningService, startService } from './support/service.ts'

/** A server that runs the code `answer` for each request of `$path`. The first request asks whether it is ready. */
function serverOf(answer: string): string {
  return `
use IO::Socket::INET; use POSIX; $SIG{TERM} = sub { exit 0 }; $SIG{CHLD} = 'IGNORE'; my @kept;
my $s = IO::Socket::INET->new(LocalPort => 8888, Listen => 99, ReuseAddr => 1) or die $!;
my $ok = "HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nDate: ";
my $switched = "HTTP/1.1 101 Switching Protocols\\r\\nConnection: upgrade\\r\\nUpgrade: x\\r\\n\\r\\n";
while (my $c = $s->accept) {
  my $path = <$c>; while (<$c>) { last if /^\\r?$/ }
  my $now = strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime);
  ${answer}
}`
}

const asked = "$path =~ 'api/(kernels|terminals)|metrics'"
const servers = {
  polite: `print $c "$ok$now\\r\\n\\r\\n[]"; close $c`,
  switching: `if (${asked}) { print $c $switched; push @kept, $c } else { print $c "$ok$now\\r\\n\\r\\n"; close $c }`,
  endless: `if (!fork) { print $c "$ok$now\\r\\n\\r\\n["; if (${asked}) { print $c '{},' x 9999 while 1 } exit } close $c`,
  'never-ready': 'print $c $switched; push @kept, $c',
}

const catalog = stringify({
  tiers: { default: { memory: '1GiB', cpu_cores: 1, gpus: 0, max_environments: 1000 } },
  templates: Object.fromEntries(
    Object.entries(servers).map(([name, answer]) => [
      name,
      {
        ...{
          description: name,
          type: 'jupyter',
          image: 'debian:trixie-slim',
          port: 8888,
          memory: '64MiB',
          cpu_cores: 1,
        },
        ...{ command: ['perl', '-e', serverOf(answer)], open_path: '{base_path}', ready_path: '{base_path}' },
      },
    ]),
  ),
})

let folder: string
let service: RunningService
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-lab-e2e-'))
  await writeFile(join(folder, 'catalog.yaml'), catalog)
  service = await startService({ env: { CATALOG_FILE: join(folder, 'catalog.yaml'), IDLE_PAUSE_AFTER: '5s' } })
})
afterAll(async () => {
  await service?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

async function create(template: string): Promise<string> {
  const { status, body } = await service.call('POST', '/api/environments', { body: { template } })
  expect(status).toBe(202)
  return body.id
}

// Trouble (worst): many servers in real containers speak another protocol, or never end their answers
test('the service still sees that an environment is idle beside servers that speak another protocol or never end their answers', async () => {
  const hostile = Array.from({ length: 18 }, (_, at) => (at % 9 ? 'switching' : 'endless'))
  for (const id of await Promise.all(hostile.map(create))) await untilStatus(service, id, 'running')
  const polite = await create('polite')
  await untilStatus(service, polite, 'paused')
})

// Trouble (worst): many servers in real containers speak another protocol, or never end their answers
test('a starting environment whose server speaks another protocol can be deleted, and does not keep the service from ending', async () => {
  const id = await create('never-ready')
  await untilStatus(service, id, 'starting')
  await service.call('DELETE', `/api/environments/${id}`)
  await expect.poll(async () => (await service.call('GET', `/api/environments/${id}`)).status).toBe(404)
  await untilStatus(service, await create('never-ready'), 'starting')
  expect(await service.end()).toBe(0)
})
