import { stringify } from 'yaml'

// Answers every request with 200; a request for /eat takes more memory than there is. It starts in milliseconds of CPU,
// a notebook server in a second.
const server = `
use IO::Socket::INET; $SIG{TERM} = sub { exit 0 };
my $s = IO::Socket::INET->new(LocalPort => 8888, Listen => 9, ReuseAddr => 1) or die $!;
while (my $c = $s->accept) { my $eat = 0; while (<$c>) { $eat = 1 if m{/eat[ ?]}; last if /^\\r?$/ } my $n = $eat ? 3e8 : 0; my $x = 'x' x $n; print $c "HTTP/1.0 200 OK\\r\\n\\r\\n"; close $c }`

const template = {
  description: 'A server that answers',
  type: 'jupyter',
  command: ['perl', '-e', server],
  port: 8888,
  open_path: '{base_path}',
  ready_path: '{base_path}',
  memory: '64MiB',
  cpu_cores: 1,
}

const late = `select(undef, undef, undef, 0.05) until -e '/home/jovyan/shared/go';`
const slow = `sleep 3; ${server}`
const lingering = server.replace('{ exit 0 }', '{ sleep 3; exit 0 }')

/**
 * A catalogue whose template `tiny` starts at once: for tests of the life of environments, not of notebooks. `slow` takes
 * 3 s until it answers, `lingering` takes 3 s to end, `late` answers once there is a file shared/go, and `deaf` never
 * answers.
 */
export const tinyCatalog = tinyCatalogOn('debian:trixie-slim')

/** The same catalogue on another image that has perl. */
export function tinyCatalogOn(image: string): string {
  const tiny = { ...template, image }
  return stringify({
    tiers: { default: { memory: '1GiB', cpu_cores: 1, gpus: 0, max_environments: 1000 } },
    templates: {
      tiny,
      late: { ...tiny, command: ['perl', '-e', late + server] },
      slow: { ...tiny, command: ['perl', '-e', slow] },
      lingering: { ...tiny, command: ['perl', '-e', lingering] },
      deaf: { ...tiny, command: ['sleep', 'infinity'], ready_within: '2s' },
      broken: { ...tiny, command: ['/no/such/program'] },
    },
  })
}
