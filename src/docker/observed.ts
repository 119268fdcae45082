import type { Address, Container } from '../domain/environment/environment.ts'
import { labels } from '../domain/names.ts'
import type { Inspection, Listing, Mounted } from './dockerode.ts'

/** One container, from the engine's answer about it. Pure. */
export function fromInspection(info: Inspection): Container {
  const { State: state } = info
  const startedAt = Date.parse(state.StartedAt)
  return {
    kind: 'container',
    containerId: info.Id,
    name: info.Name.slice(1),
    environmentId: info.Config.Labels?.[labels.environment] ?? info.Name.slice(1),
    state: state.Status as Container['state'],
    image: info.Config.Image,
    imageId: info.Image,
    startedAt: startedAt > 0 ? startedAt : null, // never started: the year 1
    finishedAt: hasEnded(state.Status) ? Date.parse(state.FinishedAt) : null,
    exitCode: hasEnded(state.Status) ? state.ExitCode : null,
    outOfMemory: state.OOMKilled,
    address: addressOf(Object.values(info.NetworkSettings.Ports ?? {}).flatMap((bindings) => bindings ?? [])),
    labels: info.Config.Labels ?? {},
    mounts: info.Mounts.filter(isBind).map(mountOf),
  }
}

/** The same from the engine's list, which lacks the time of the start and whether memory ran out. Pure. */
export function fromListing(info: Listing): Container {
  const exitCode = /^Exited \((\d+)\)/.exec(info.Status)?.[1]
  const published = info.Ports.filter((port) => port.PublicPort !== undefined)
  return {
    kind: 'container',
    containerId: info.Id,
    name: info.Names[0]?.slice(1) ?? info.Id,
    environmentId: info.Labels[labels.environment] ?? info.Names[0]?.slice(1) ?? info.Id,
    state: info.State as Container['state'],
    image: info.Image,
    imageId: info.ImageID,
    startedAt: null,
    finishedAt: null,
    exitCode: exitCode === undefined ? null : Number(exitCode),
    outOfMemory: false,
    address: addressOf(published.map(({ IP, PublicPort }) => ({ HostIp: IP ?? '', HostPort: String(PublicPort) }))),
    labels: info.Labels,
    mounts: info.Mounts.filter(isBind).map(mountOf),
  }
}

function mountOf({ Source, Destination, RW }: Mounted): Container['mounts'][number] {
  return { source: Source, target: Destination, readOnly: RW === false }
}

/** A volume that an image declares belongs to the container alone: it is not one of our mounts. */
function isBind({ Type }: Mounted): boolean {
  return Type === undefined || Type === 'bind'
}

function hasEnded(state: string): boolean {
  return state === 'exited' || state === 'dead'
}

/** Each container publishes one port, which has a number only while the container is up. */
function addressOf(bindings: readonly { HostIp: string; HostPort: string }[]): Address | null {
  const [binding] = bindings
  return binding ? { host: binding.HostIp, port: Number(binding.HostPort) } : null
}
