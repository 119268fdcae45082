import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { commandsOf, type PrintedCommand, printedBlocks, type Setting } from '../../support/printed.ts'
import { type Json, project } from './service.ts'

/** What the reader of a document has before the first command. */
export type Reader = {
  /** The folder in which they type. */
  cwd: string
  /** Shell variables. */
  variables: Record<string, string>
  /** What they write in the place of words of the document. */
  words: Record<string, string>
}

/** A command, as its reader typed it, and what it printed. */
export type Printed = PrintedCommand & { printed: string }

const limitMs = 540_000

const damage = 'head -c 16384 /dev/urandom | dd of="$DATA/admin/ai-lab.db" bs=4096 seek=1 conv=notrunc status=none'

const bash = 'bash -eu -o pipefail -c'

const ownEtc = [
  'mount -t tmpfs none /mnt',
  'mkdir /mnt/changed /mnt/work',
  'mount -t overlay -o lowerdir=/etc,upperdir=/mnt/changed,workdir=/mnt/work none /etc',
].join('; ')

/** A proxy as Debian installs it, with the certificate of deploy/ in its place. */
function proxy(program: string, start: string, stop: string): string {
  const folder = `/etc/${program}/ai-lab`
  const names = 'DNS:lab.example.org,DNS:env.lab.example.org,DNS:*.env.lab.example.org'
  return [
    ownEtc,
    'ip link set lo up',
    `mkdir ${folder}`,
    `openssl req -x509 -subj /CN=lab -addext "subjectAltName=${names}" -nodes -keyout ${folder}/key.pem -out ${folder}/cert.pem`,
    'export HOME=/mnt',
    `trap "${stop}" EXIT`,
    start,
  ].join('; ')
}

/** What a block runs in: the second part, where there is one, ends a quote. Both stand on the lines of the block's fences. */
const places = {
  lab: ['', ''],
  'npm start': ['', ''],
  'fresh clone': ['', ''],
  'lab, answering yes': [`script --quiet --return --command '`, `' /dev/null <<< y`],
  'lab, damaged database': [`docker stop $BACKEND; ${damage}; docker start $BACKEND`, ''],
  'lab, own network': [`unshare --net ${bash} '`, `'`],
  'lab, own /etc': [`unshare --mount ${bash} '${ownEtc}`, `'`],
  nginx: [`unshare --mount --net ${bash} '${proxy('nginx', 'nginx', 'nginx -s stop')}`, `'`],
  Caddy: [
    `unshare --mount --net ${bash} '${proxy('caddy', 'caddy start --config /etc/caddy/Caddyfile', 'caddy stop')}`,
    `'`,
  ],
  environment: [`docker exec "$ID" ${bash} '`, `'`],
} satisfies Partial<Record<Setting, [enter: string, leave: string]>>
export type Place = keyof typeof places

/** Stands in the output where a command begins. */
const separator = '\u001e'

// `allexport` hands variables and functions on to the other places. Here curl fails where the answer is an error, unless -f is
// there anyway. Few containers have sudo.
const prelude = [
  'set -aeuE -o pipefail; exec 2>&1',
  `trap 'echo "$0: line $LINENO: failed: $BASH_COMMAND"' ERR`,
  `curl() { case $1 in -*f*) command curl "$@" ;; *) command curl --fail-with-body "$@" ;; esac; }`,
  'command -v sudo > /dev/null || sudo() { "$@"; }',
].join('; ')

/** The blocks of some settings as one script. Each command keeps its line, so that bash's messages name the document's lines. */
function sessionOf(markdown: string, of: readonly Place[]): { script: string; commands: PrintedCommand[] } {
  const script = Array.from(markdown.split('\n'), () => '')
  const commands: PrintedCommand[] = []
  const put = (line: number, text: string) => {
    const lines = text.split('\n')
    script.splice(line - 1, lines.length, ...lines)
  }
  put(1, prelude)
  for (const block of printedBlocks(markdown)) {
    const place = of.find((each) => each === block.setting)
    if (!place) continue
    const [enter = '', leave = ''] = places[place]
    for (const command of commandsOf(block)) {
      const text = `printf '${separator}'; ${command.text}`
      put(command.line, leave ? text.replaceAll("'", `'\\''`) : text)
      commands.push(command)
    }
    put(block.line, enter)
    put(block.line + block.lines.length + 1, leave)
  }
  return { script: script.join('\n'), commands }
}

/**
 * Runs the blocks of a document that are marked with one of the settings, all in one session of bash, which ends with the first
 * command that fails: then it throws, with the document, the line and the output.
 */
export async function runPrinted(document: string, reader: Reader, of: readonly Place[]): Promise<Printed[]> {
  const text = await readFile(join(project, document), 'utf8')
  const { script, commands } = sessionOf(withWords(text, reader.words), of)
  const output = await session(document, script, reader)
  const [, ...printed] = output.split(separator)
  return commands.map((command, at) => ({ ...command, printed: printed[at] ?? '' }))
}

/** Replaces words in one go; of two that begin alike the longer one counts. */
function withWords(text: string, words: Record<string, string>): string {
  const any = Object.keys(words)
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return text.replaceAll(new RegExp(any.join('|'), 'g'), (word) => words[word] ?? word)
}

async function session(document: string, script: string, { cwd, variables }: Reader): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-printed-'))
  await mkdir(join(folder, dirname(document)), { recursive: true })
  await writeFile(join(folder, document), script)
  const env = { ...process.env, NODE_OPTIONS: '', VITEST: '', ...variables }
  const running = promisify(execFile)('bash', [join(folder, document)], { cwd, env, timeout: limitMs })
  running.child.stdin?.end()
  try {
    return (await running).stdout
  } catch (error) {
    throw new Error(`${document}: ${(error as Json).stdout}`, { cause: error })
  } finally {
    await rm(folder, { recursive: true })
  }
}
