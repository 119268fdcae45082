import { sha256 } from '../lib/sha256.ts'
import type { UserId } from './people/user-id.ts'

/**
 * Keys of the labels on our containers. They join containers to records, and a lost record can be rebuilt from them.
 */
export const labels = {
  environment: 'ai-lab.environment',
  user: 'ai-lab.user',
  root: 'ai-lab.root',
  specHash: 'ai-lab.spec-hash',
  /** On containers of a safe start only. */
  safe: 'ai-lab.safe',
  /** All parts of a record that a rebuild needs, as JSON, without secrets. */
  record: 'ai-lab.record',
  probe: 'ai-lab.probe',
  hostPath: 'ai-lab.host-path',
  /** On a container that runs one program to its end; the value tells whose it is. */
  errand: 'ai-lab.errand',
  /** On the container in which `bin/ailab` runs one command, on a host without Node. */
  command: 'ai-lab.command',
} as const

/** The label on the images that this platform builds. */
export const imageLabel = 'ai-lab.source'

/** Where the data is inside an environment. */
export const targets = { shared: '/home/jovyan/shared', data: '/home/jovyan/data' } as const

/**
 * The file that holds a data root's id. It is in the root, in `shared/` and in `users/`: each can be a mount of its
 * own.
 */
export const markerFile = '.ai-lab-root'

/** An administrator makes this file in a folder to let the service begin a second data root of one engine there. */
export const beginFile = '.ai-lab-begin'

/** The folders of a data root that can be mounts of their own and carry a marker; '' is the root itself. */
export const markedFolders = ['', 'shared', 'users'] as const
export type MarkedFolder = (typeof markedFolders)[number]

/** The engine's network for environments. They cannot reach each other there. */
export const networkName = 'ai-lab-environments'

// Crockford's base32, lower case: no i, l, o, u, so an id can be read aloud.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** An environment's id, which is also its container's name: `ai-lab-<template>-<6 base32 characters>`. */
export function environmentId(template: string, random: Uint8Array): string {
  return `ai-lab-${template}-${Array.from(random.subarray(0, 6), (octet) => alphabet[octet % 32]).join('')}`
}

/** The longest name of a template: with it an id is 63 characters long, as a host name's label may be (RFC 1035, 2.3.1). */
export const longestTemplateName = 63 - environmentId('', new Uint8Array(6)).length

/** An environment's path at the gateway, with slashes at both ends. */
export function basePath(id: string): string {
  return `/env/${id}/`
}

/**
 * The name of a probe: a container that is never started, through which the service sees what the engine sees. Each
 * path has its own probe: a data root and its copy have the same id, and their services must not take each other's.
 */
export function probeName(rootId: string, hostPath: string): string {
  return `ai-lab-probe-${rootId.slice(0, 8)}-${sha256(hostPath).slice(0, 6)}`
}

/** The name of a witness: an empty volume that tells that the engine has served this data root on that path. */
export function witnessName(rootId: string, hostPath: string): string {
  return `ai-lab-root-${rootId.slice(0, 8)}-${sha256(hostPath).slice(0, 6)}`
}

/** One person's folder, relative to the data root. */
export function userFolder(id: UserId): string {
  return `users/${id}`
}

/** Joins a data root and a path relative to it. */
export function below(root: string, relative: string): string {
  return relative === '' ? root : `${root === '/' ? '' : root}/${relative}`
}

/** The path of a folder's marker, relative to the data root. */
export function markerPath(folder: MarkedFolder): string {
  return folder === '' ? markerFile : `${folder}/${markerFile}`
}
