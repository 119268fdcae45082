import { globSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as apt from './apt.ts'
import { build, hasImage } from './docker.ts'
import { Failure } from './failure.ts'
import { type Report, step } from './progress.ts'
import { run, tail } from './run.ts'

const DEBIAN = 'debian:trixie-slim'
const NODE = 'node:24-slim'
const SUITE = 'trixie'
const OWN_CERTIFICATES = '/usr/local/share/ca-certificates'

/**
 * Provides one of the two images that ours are built from. It pulls the image. If it reaches no registry, it makes a
 * stand-in under the same tag from Debian's packages, so that the Dockerfiles need no change.
 */
export async function ensureBaseImage(tag: typeof DEBIAN | typeof NODE, signal: AbortSignal): Promise<void> {
  if (await hasImage(tag, signal)) return
  const pulled = await run('docker', ['pull', tag], { signal, timeoutMs: 10 * 60_000 })
  if (pulled.ok) return
  if (tag === NODE) return makeNode(signal)
  if (!apt.canInstall()) throw new Failure(cannotBeHad(tag, pulled.output))
  await makeDebian(signal)
}

async function makeDebian(signal: AbortSignal) {
  await apt.install(['debootstrap', 'debian-archive-keyring'], signal)
  await inTemporaryFolder((folder) =>
    step(`Making ${DEBIAN} with debootstrap, as no registry can be reached (half a minute, once)`, async (onLine) => {
      const root = join(folder, 'root')
      const archive = join(folder, 'root.tar')
      const mirror = await hostMirror()
      const args = ['--variant=minbase', '--include=ca-certificates', SUITE, root, ...(mirror ? [mirror] : [])]
      // debootstrap gets a mount namespace of its own, so that its mounts in the folder end with it, whenever it is stopped.
      await must('unshare', ['--mount', 'debootstrap', ...args], signal, onLine)
      await trustHostCertificates(root, signal)
      await writeFile(join(root, 'etc/apt/apt.conf.d/docker-clean'), KEEP_NO_PACKAGES)
      // Packages must not start services while they are installed in an image.
      await writeFile(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n')
      await chmod(join(root, 'usr/sbin/policy-rc.d'), 0o755)
      await must(
        'tar',
        ['-C', root, ...NOT_IN_A_SLIM_IMAGE.map((path) => `--exclude=${path}`), '-cf', archive, '.'],
        signal,
      )
      await must('docker', ['import', '--change', 'CMD ["bash"]', archive, DEBIAN], signal)
    }),
  )
}

/** The Debian above with npm's package `node`, which is the same binary, and npm as Node 24 brings it. */
async function makeNode(signal: AbortSignal) {
  await ensureBaseImage(DEBIAN, signal)
  await inTemporaryFolder((folder) =>
    step(`Making ${NODE} from the package node, as no registry can be reached`, async (onLine) => {
      await cp('node_modules/node/bin/node', join(folder, 'node'))
      await must('npm', ['pack', 'npm@11', '--pack-destination', folder], signal)
      await must('tar', ['-C', folder, '-xzf', ...globSync(join(folder, 'npm-*.tgz'))], signal)
      await writeFile(join(folder, 'Dockerfile'), NODE_DOCKERFILE)
      await build({ folder, tag: NODE }, { signal, onLine })
    }),
  )
}

/** If a proxy intercepts TLS on the way out, an image must trust this machine's CAs, or it can install nothing. */
async function trustHostCertificates(root: string, signal: AbortSignal) {
  const names = await readdir(OWN_CERTIFICATES).catch(() => [])
  const target = join(root, OWN_CERTIFICATES)
  await mkdir(target, { recursive: true })
  for (const name of names.filter((name) => name.endsWith('.crt'))) {
    await cp(join(OWN_CERTIFICATES, name), join(target, name), { dereference: true })
  }
  await must('chroot', [root, 'update-ca-certificates'], signal)
}

/** The Debian mirror of this machine's own apt configuration; undefined if it has none (on Ubuntu, for example). */
async function hostMirror(): Promise<string | undefined> {
  const { output } = await run('apt-get', ['indextargets', '--format', '$(SITE) $(RELEASE)', 'Created-By: Packages'], {
    signal: AbortSignal.timeout(30_000),
  })
  const sites = output.split('\n').map((line) => line.split(' ')[0] ?? '')
  return sites.find((site) => /^https?:.*\/debian\/?$/.test(site))
}

async function must(command: string, args: string[], signal: AbortSignal, onLine: Report = () => {}) {
  const { ok, output } = await run(command, args, { signal, onLine })
  if (!ok) throw new Failure(`${command} failed:\n${tail(output)}`)
}

async function inTemporaryFolder(work: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'ai-lab-image-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const NOT_IN_A_SLIM_IMAGE = [
  './var/cache/apt/*',
  './var/lib/apt/lists/*',
  './var/log/*',
  './usr/share/doc/*',
  './usr/share/info/*',
  './usr/share/man/*',
  './usr/share/locale/*',
]

const KEEP_NO_PACKAGES = `Binary::apt::APT::Keep-Downloaded-Packages "false";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
`

// The user `node` is the same as in the real image.
const NODE_DOCKERFILE = `FROM ${DEBIAN}
COPY node /usr/local/bin/node
COPY package /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \\
 && groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home --shell /bin/bash node
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
CMD ["node"]
`

function cannotBeHad(tag: string, output: string): string {
  return `The image ${tag} is missing, no registry gave it, and only root on Debian or Ubuntu can make a stand-in for it.
Give this machine a way to an image registry, or run the same command once as root. The engine said:
${tail(output, 3)}`
}
