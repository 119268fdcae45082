/** Backups at the worst instants: real restic on the real engine. */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRestoreInto } from '../../src/backups/restore-into.ts'
import { createRunRestore } from '../../src/backups/run-restore.ts'
import { createDrillPlace } from '../../src/disk/drill-place.ts'
import { layOutDataRoot } from '../../src/disk/lay-out-data-root.ts'
import { createRestorePlaces } from '../../src/disk/restore-places.ts'
import { roomAt } from '../../src/disk/room.ts'
import { type BackupPart, snapshotFolderOf } from '../../src/domain/backups/backup.ts'
import type { Job } from '../../src/domain/jobs/job.ts'
import type { UserId } from '../../src/domain/people/user-id.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import type { BackupRepository } from '../../src/ports/backup-repository.ts'
import { realEngine } from '../support/engine-real.ts'
import { realRepository } from '../support/real-restic.ts'
import { rounds } from '../support/rounds.ts'

const engine = realEngine()
const part: BackupPart = { kind: 'person', userId: 'demo@ailab.com' as UserId }
const largestFileBytes = 2 ** 40
const mebibyte = 2 ** 20
const limitMs = 170_000
const rootId = '5f3c0000-0000-4000-8000-000000000000'
const hadFolder = async () => false

let folder: string
let place: string
let repository: BackupRepository
beforeEach(async () => {
  folder = await mkdtemp('/dev/shm/ai-lab-backup-trouble-') // in memory: hundreds of thousands of files are made sooner
  place = join(folder, 'repository')
  await mkdir(place)
  await mkdir(join(folder, 'data'))
  repository = realRepository(engine, place, 'sesame')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const save = (backupId: string, options: { signal?: AbortSignal; onProgress?: () => void } = {}) =>
  repository.save(
    { backupId, part, hostPath: join(folder, 'data'), largestFileBytes },
    options.onProgress ?? (() => {}),
    options,
  )

/** Those that count: restic writes a lock under another name first. */
const locks = async () => (await readdir(join(place, 'locks'))).filter((name) => /^[0-9a-f]{64}$/.test(name))

async function restored(id: string): Promise<string> {
  const hostPath = await mkdtemp(join(folder, 'restored-'))
  const snapshot = (await repository.snapshots()).find(({ backupId }) => backupId === id)
  if (!snapshot) throw new Error(`no ${id}`)
  await repository.restore({ snapshot, path: '', hostPath }, () => {})
  return join(hostPath, snapshotFolderOf(part))
}

// Trouble (files): restic is killed in the middle of a backup, and leaves a lock
test(
  'a killed backup leaves no snapshot, and its lock is removed because its container is gone',
  async () => {
    await writeFile(join(folder, 'data/small'), 'kept')
    await repository.begin()
    await save('whole')
    await writeFile(join(folder, 'data/large'), randomBytes(400 * mebibyte))
    const leaving = new AbortController()
    const cut = save('cut', { signal: leaving.signal, onProgress: () => leaving.abort(new Error('killed')) })
    await expect(cut).rejects.toThrow('killed')
    expect(await locks()).toHaveLength(1)
    expect((await repository.snapshots()).map(({ backupId }) => backupId)).toEqual(['whole'])
    await repository.check({ nth: 1, of: 1 })
    expect(await locks()).toHaveLength(0)
    expect(await readFile(join(await restored('whole'), 'small'), 'utf8')).toBe('kept')
    await save('again')
    expect((await stat(join(await restored('again'), 'large'))).size).toBe(400 * mebibyte)
  },
  limitMs,
)

// Trouble (files): another program holds a lock on the repository of the backups
test(
  'the lock of another program is left alone',
  async () => {
    await writeFile(join(folder, 'data/small'), 'kept')
    await repository.begin()
    await save('one')
    await writeFile(join(folder, 'data/large'), randomBytes(200 * mebibyte))
    const env = { ...process.env, RESTIC_PASSWORD: 'sesame' }
    const other = execFile(
      'restic',
      ['-r', place, '--no-cache', '--limit-upload', '1000', 'backup', join(folder, 'data')],
      { env },
    )
    await expect.poll(locks, { timeout: 30_000 }).toHaveLength(1)
    other.kill('SIGKILL')
    await once(other, 'exit')
    const [{ id = '' } = {}] = await repository.snapshots()
    await expect(repository.drop([id])).rejects.toMatchObject({
      code: 'backup-repository-unusable',
      detail: 'Another program uses the repository of the backups.',
    })
    expect(await locks()).toHaveLength(1)
  },
  limitMs,
)

// Trouble (files): the disk of the backups is full
test(
  'a full disk fails a backup, and leaves the earlier ones as they are',
  async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'none', place])
    try {
      await writeFile(join(folder, 'data/small'), 'kept')
      await repository.begin()
      await save('whole')
      await writeFile(join(folder, 'data/large'), randomBytes(64 * mebibyte))
      await expect(save('too large')).rejects.toMatchObject({
        code: 'no-room',
        detail: 'The disk of the backups is full.',
      })
      await rm(join(folder, 'data/large'))
      expect((await repository.snapshots()).map(({ backupId }) => backupId)).toEqual(['whole'])
      expect(await readFile(join(await restored('whole'), 'small'), 'utf8')).toBe('kept')
    } finally {
      execFileSync('umount', ['--lazy', place])
    }
  },
  limitMs,
)

// Trouble (files): the disk of the backups is full, and each night fails for that reason
test(
  'a full disk gets back the room of what no backup needs, although it has none to pack anything anew',
  async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'none', place])
    try {
      await repository.begin()
      await writeFile(join(folder, 'data/gone'), randomBytes(32 * mebibyte))
      await save('old')
      await rm(join(folder, 'data/gone'))
      const names = Array.from({ length: 24 }, (_, at) => join(folder, `data/${at}`))
      for (const name of names) await writeFile(name, randomBytes(mebibyte))
      await save('mixed')
      await Promise.all(names.slice(12).map((name) => rm(name)))
      await save('kept')
      const { freeBytes } = await roomAt(place)
      await writeFile(join(place, 'ballast'), randomBytes(freeBytes - mebibyte / 2))
      const old = (await repository.snapshots()).filter(({ backupId }) => backupId !== 'kept').map(({ id }) => id)
      await expect(repository.drop(old)).rejects.toMatchObject({ code: 'no-room' })
      await repository.drop([], { isFull: true })
      expect((await roomAt(place)).freeBytes).toBeGreaterThan(30 * mebibyte)
      expect(await readdir(await restored('kept'))).toHaveLength(12)
    } finally {
      execFileSync('umount', ['--lazy', place])
    }
  },
  limitMs,
)

// Trouble (files): the disk of the data root is full in the middle of a restore
test(
  'a full disk fails a restore in words: nothing is half, and what was there is untouched',
  async () => {
    const disk = join(folder, 'disk')
    await mkdir(disk)
    await writeFile(join(folder, 'data/notes'), 'as saved')
    await writeFile(join(folder, 'data/large'), randomBytes(48 * mebibyte))
    await repository.begin()
    await save('2026-11-26T03-00-00Z-aaaa')
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'none', disk])
    try {
      const { path: root } = await layOutDataRoot(join(disk, 'lab'), rootId, null)
      const own = join(root, 'users/demo@ailab.com')
      await mkdir(own)
      await writeFile(join(own, 'notes'), 'of today')
      const places = createRestorePlaces({ root, rootId, owner: null, hadFolder })
      const run = createRunRestore({
        // The disk becomes full between two looks at its room.
        places: {
          ...places,
          room: async () => ({ totalBytes: 2 ** 40, freeBytes: 2 ** 40, totalFiles: 0, freeFiles: 0 }),
        },
        open: async () => ({ repository, [Symbol.asyncDispose]: async () => {} }),
        hostPathOf: async (path) => join(root, path),
        clock: systemClock,
        restoreInto: createRestoreInto({
          places,
          requireProven: async () => {},
          requireStillChange: async () => {},
          ensureFolder: async () => {},
          toTrash: () => Promise.reject(new Error('nothing may go to the trash')),
          storage: {
            requireRoom: async () => {},
            count: async () => {},
            announce: () => ({ came: () => {}, [Symbol.dispose]: () => {} }),
          },
          closing: new AbortController().signal,
        }),
      })
      const input = { backup_id: '2026-11-26T03-00-00Z-aaaa', folder: 'users/demo@ailab.com', path: '', in_place: true }
      const restoring = run({ id: 'job', userId: 'admin', input } as unknown as Job, {
        signal: new AbortController().signal,
        tell: () => {},
      })
      await expect(restoring).rejects.toMatchObject({
        code: 'no-room',
        detail: 'There is too little room for the restore: it needs as much as what it brings back.',
      })
      expect(await readdir(own)).toEqual(['notes'])
      expect(await readFile(join(own, 'notes'), 'utf8')).toBe('of today')
      expect(await readdir(join(root, 'admin/restores'))).toEqual([])
      expect((await roomAt(root)).freeBytes).toBeGreaterThan(20 * mebibyte)
    } finally {
      execFileSync('umount', ['--lazy', disk])
    }
  },
  limitMs,
)

// Trouble (files): the disk of the data root has too little room for a drill
test('a drill for which the disk has too little room is refused in words, and removes what an earlier one left', async () => {
  const disk = join(folder, 'disk')
  await mkdir(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512m,nr_inodes=5000', 'none', disk])
  try {
    const left = join(disk, 'admin/drill/lab')
    await mkdir(left, { recursive: true })
    await writeFile(join(left, 'file'), randomBytes(mebibyte))
    const place = createDrillPlace({ root: disk, readRecords: () => Promise.reject(), randomId: () => rootId })
    const refused = { code: 'no-room', detail: expect.stringMatching(/too little room for it: 51\d MiB are free\.$/) }
    await expect(place.open({ bytes: 400 * mebibyte, entries: 10 })).rejects.toMatchObject(refused)
    await expect(place.open({ bytes: mebibyte, entries: 4_900 })).rejects.toMatchObject(refused)
    expect(await readdir(join(disk, 'admin'))).toEqual([])
    await place.open({ bytes: 100 * mebibyte, entries: 10 })
    expect((await stat(join(disk, 'admin/drill'))).mode & 0o777).toBe(0o700)
  } finally {
    execFileSync('umount', ['--lazy', disk])
  }
})

// Trouble (files): one byte of the backups is flipped
test(
  'one flipped byte is found by a check, and a restore of it fails',
  async () => {
    await writeFile(join(folder, 'data/large'), randomBytes(mebibyte))
    await repository.begin()
    await save('one')
    await repository.check({ nth: 1, of: 1 })
    const packs = (await readdir(join(place, 'data'), { recursive: true, withFileTypes: true })).filter((each) =>
      each.isFile(),
    )
    const sizes = await Promise.all(
      packs.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
    )
    const largest = packs[sizes.indexOf(Math.max(...sizes))]
    execFileSync('chmod', ['u+w', join(largest?.parentPath ?? '', largest?.name ?? '')])
    await using file = await open(join(largest?.parentPath ?? '', largest?.name ?? ''), 'r+')
    const byte = Buffer.alloc(1)
    await file.read(byte, 0, 1, mebibyte / 2)
    byte[0] = (byte[0] ?? 0) ^ 1
    await file.write(byte, 0, 1, mebibyte / 2)
    await expect(repository.check({ nth: 1, of: 1 })).rejects.toMatchObject({ code: 'backup-damaged' })
    await expect(restored('one')).rejects.toMatchObject({ code: expect.stringMatching(/^backup-/) })
  },
  limitMs,
)

// Trouble (files): hostile trees: holes, pipes, sockets, names that are no text, deep folders, very many files in one folder
test(
  'a hostile tree neither hangs a backup nor is lost in it',
  async () => {
    const data = join(folder, 'data')
    execFileSync('bash', [
      '-c',
      `cd "$1"
    mkfifo pipe
    perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("socket")) or die'
    truncate -s 1T sparse
    printf x > $'not \\xff text'
    printf x > $'new\\nline'
    printf x > "$(printf 'n%.0s' {1..255})"
    printf x > one; ln one two
    ln -s ../../../etc/passwd link; ln -s link chain
    d=.; for n in {1..300}; do d=$d/d; done; mkdir -p "$d"; printf x > "$d/deep"
    mkdir many; perl -e 'for (1..shift) { open F, ">many/$_" or die }' "$2"
    chmod 000 one`,
      'bash',
      data,
      String(rounds(200_000)),
    ])
    await repository.begin()
    const saving = { backupId: 'hostile', part, hostPath: data, largestFileBytes: 2 ** 38 }
    expect(await repository.save(saving, () => {})).toMatchObject({ unread: { count: 0 } })
    const back = await restored('hostile')
    const listed = (root: string) =>
      execFileSync('find', [root, '-mindepth', '1', '-printf', '%P %y %m %n %l\\0'], {
        encoding: 'latin1',
        maxBuffer: 2 ** 26,
      })
        .split('\0')
        .filter((line) => !/^(sparse|socket) /.test(line)) // restic leaves out what is too large, and sockets
        .toSorted()
    expect(listed(back)).toEqual(listed(data))
  },
  limitMs,
)

// Trouble (files): a file grows while a backup reads it
test(
  'of a file that grows while it is read, a backup has a whole beginning',
  async () => {
    const file = join(folder, 'data/log')
    await writeFile(file, lines(linesBefore))
    const growing = spawn('perl', ['-e', growth, file, String(linesBefore)], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await once(growing.stdout, 'data')
      await repository.begin()
      const { size } = await stat(file)
      expect(await save('growing')).toMatchObject({ unread: { count: 0 } })
      const kept = await readFile(join(await restored('growing'), 'log'))
      expect(kept.length).toBeGreaterThan(size)
      expect(kept.length).toBeLessThan((await stat(file)).size)
      expect(kept.equals(lines(Math.ceil(kept.length / 16)).subarray(0, kept.length))).toBe(true)
    } finally {
      growing.kill('SIGKILL')
    }
  },
  limitMs,
)

const linesBefore = 2 ** 20

/** Adds such lines to a file, 3 MiB a second at most, and says a word once it has begun. */
const growth = `$| = 1; my ($file, $at) = @ARGV; open F, '>>', $file or die; while (1) {
  my $text = join '', map { sprintf "%015d\\n", $_ } $at .. $at + 2047; $at += 2048;
  syswrite F, $text or die; print '.'; select undef, undef, undef, 0.01 }`

/** Numbered lines of 16 bytes. */
function lines(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, at) => `${String(at).padStart(15, '0')}\n`).join(''))
}
