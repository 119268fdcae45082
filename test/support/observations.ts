import type { BackupsSight, Observations, Standpoint } from '../../src/doctor/observations.ts'
import { missingRules } from '../../src/domain/network/guard-rules.ts'
import type { Look, RootLook } from '../../src/ports/site.ts'

const rootId = '5f3c0000-0000-4000-8000-000000000000'

export function seen<T>(value: T): { kind: 'seen'; value: T } {
  return { kind: 'seen', value }
}

export function look(owner: string, mode: number, kind: Look['kind'] = 'folder'): Look {
  const [uid = 0, gid = 0] = owner.split(':').map(Number)
  return { kind, uid, gid, mode }
}

export function rootLook(changes: Partial<RootLook> = {}): RootLook {
  const marker = { look: look('1000:100', 0o644, 'file'), rootId }
  return {
    path: '/srv/lab',
    root: look('1000:100', 0o755),
    shared: look('1000:100', 0o775),
    users: look('1000:100', 0o711),
    admin: look('1000:100', 0o700),
    database: look('1000:100', 0o600, 'file'),
    adminToken: look('1000:100', 0o600, 'file'),
    markers: { '': marker, shared: marker, users: marker },
    ...changes,
  }
}

const guarded = `-A DOCKER-USER -i lab-0 -j AI-LAB-FORWARD
-A INPUT -i lab-0 -j AI-LAB-HOST
${missingRules('', { bridge: 'lab-0', rootId, blocked: [] })?.replaceAll(/^:(\S+).*$/gm, '-N $1')}`

/** A lab that was backed up in the night, and whose restore was practised. */
export function backupsSight(changes: Partial<BackupsSight> = {}): BackupsSight {
  const now = Date.parse('2026-11-26T12:00:00Z')
  const drill = { practisedAt: now - 6 * 86_400_000, backupId: 'one', failure: null }
  return {
    history: {
      lastDoneAt: now - 9 * 3_600_000,
      leftOut: 0,
      oldOnesStay: false,
      failedAt: null,
      failure: null,
      damage: null,
      drill,
    },
    bornAt: 0,
    now,
    everyMs: 86_400_000,
    key: 'there',
    hasRestic: null,
    isOnSameDisk: false,
    ...changes,
  }
}

/** A lab with Compose where nothing is wrong, seen by root on the host. */
export function observations(changes: Partial<Observations> = {}, standpoint: Partial<Standpoint> = {}): Observations {
  return {
    folder: '/srv/clone',
    settings: {
      file: {
        path: '/srv/clone/production.env',
        example: '/srv/clone/production.env.example',
        bytes: new TextEncoder().encode('HOST_DATA_PATH=/srv/lab\nDOCKER_GID=999\n'),
        trouble: null,
      },
      fromFile: { HOST_DATA_PATH: '/srv/lab', DOCKER_GID: '999' },
      fromDotEnv: {},
      fromProcess: {},
      mistakes: [],
      port: 5555,
      host: '127.0.0.1',
      backendName: 'ai-lab-backend',
      dataDir: '/srv/clone/ai-lab-data',
      hostDataPath: '/srv/lab',
      dockerHost: 'unix:///var/run/docker.sock',
      dockerCertPath: null,
      sharedMode: 'ro',
      notebookIds: {},
      blockedNetworks: [],
      catalogFile: '/srv/clone/catalog.yaml',
      weaknesses: [],
      backupKeyFile: '/srv/clone/backup.key',
      hostBackupKey: './backup.key',
      backupRepository: '/mnt/backups',
      backupSchedule: '0 3 * * *',
      legacyDataPaths: ['/opt/ai-lab-data'],
    },
    standpoint: {
      place: 'host',
      deployment: 'compose',
      dataDir: '/srv/lab',
      saidBy: 'the mount of the container ai-lab-backend',
      hostPath: '/srv/lab',
      service: { uid: 1000, gid: 100 },
      notebook: { uid: 1000, gid: 100 },
      self: { uid: 0, gid: 0 },
      ...standpoint,
    },
    lookedAt: ['/srv/lab (HOST_DATA_PATH)'],
    engine: seen({ version: '20.10.24', apiVersion: '1.41' }),
    ownMount: null,
    backend: seen({ container: null, mount: null, declared: null, elsewhere: null }),
    compose: seen({
      path: '/srv/clone/docker-compose.production.yml',
      withEnvFile: { kind: 'bind', source: '/srv/lab' },
      without: { kind: 'refused', reason: 'DOCKER_GID: it is not set' },
    }),
    root: seen(rootLook()),
    database: seen(null),
    people: seen([]),
    identities: new Map([['/srv/lab', '8:1']]),
    otherRoot: seen(null),
    noRoot: seen(null),
    proof: seen([]),
    candidateProven: true,
    storage: seen({ quotas: { kind: 'off', isBtrfs: false, reason: 'the data root is not on Btrfs' }, people: [] }),
    space: seen([{ paths: ['/srv/lab'], totalBytes: 2 ** 40, freeBytes: 2 ** 39, totalFiles: 0, freeFiles: 0 }]),
    backups: seen(backupsSight()),
    socketGroup: seen(999),
    images: seen({ outdated: [], leftBehind: [] }),
    bridge: seen('lab-0'),
    rules: seen(guarded),
    legacy: [{ path: '/opt/ai-lab-data', isDataRoot: false, entries: seen(null), containers: seen([]) }],
    service: seen({ live: true, health: { status: 'healthy', words: [] } }),
    ...changes,
  }
}
