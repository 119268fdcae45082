import { type Check, notChecked, note, ok, warning } from '../../domain/doctor/check.ts'
import { userFolder } from '../../domain/names.ts'
import { shellQuote } from '../../lib/shell-quote.ts'
import { sizeInWords } from '../../lib/size-in-words.ts'
import { onHost } from '../commands.ts'
import type { Observations, StorageSight } from '../observations.ts'

type Person = StorageSight['people'][number]

/** Who holds people to the storage of their tiers: the file system, or counting alone? */
export function checkStorage(seen: Observations): Check[] {
  const { storage } = seen
  if (storage.kind === 'unseen') return [notChecked('storage', `It could not be looked at: ${storage.reason}.`)]
  if (storage.value === null) return [notChecked('storage', 'There is no data root to look at.')]
  const { quotas, people } = storage.value
  const limited = people.filter(({ limitBytes }) => limitBytes !== null)
  const nobody = ok('storage', 'Nobody has a limit.')
  if (quotas.kind === 'off') {
    if (limited.length === 0) return [nobody]
    return [quotas.isBtrfs ? switchedOff(seen, quotas.reason, limited) : onlyCounted()]
  }
  const plain = limited.filter(({ isSubvolume }) => !isSubvolume).map((person) => plainFolder(seen, person))
  const unlike = people.filter(({ isSubvolume, setBytes, limitBytes }) => isSubvolume && setBytes !== limitBytes)
  const wrong = [...plain, ...unlike.map((person) => wrongLimit(seen, person))]
  if (wrong.length > 0) return wrong
  return [limited.length === 0 ? nobody : ok('storage', 'The file system holds everybody to their limit.')]
}

function onlyCounted(): Check {
  return note('storage', {
    summary: 'Only counting holds the limits.',
    detail:
      'The data root is not on Btrfs, so the file system holds nobody to the storage of their tier. The service refuses uploads and new environments once it has counted somebody over the limit; a notebook can go on writing until the disk is full.',
    remedy: 'Put the data root on Btrfs (docs/usage.md), or keep an eye on the free space.',
  })
}

function switchedOff(seen: Observations, reason: string, limited: readonly Person[]): Check {
  const users = shellQuote(pathOf(seen, 'users'))
  return warning('storage', {
    summary: `Only counting holds the limits: ${reason}.`,
    detail: `The data root is on Btrfs, which could hold people to the storage of their tiers, but ${reason}.`,
    remedy:
      'Run the service as root on the host, with the package btrfs-progs, and it does this by itself. Or do it on the host, as root, and again when tiers change:',
    command: [
      `btrfs quota enable ${users}`,
      ...limited.filter(isReady).map((person) => limitCommand(seen, person)),
    ].join('\n'),
  })
}

const isReady = ({ isSubvolume }: Person) => isSubvolume

function plainFolder(seen: Observations, person: Person): Check {
  const [users, id] = [shellQuote(pathOf(seen, 'users')), person.id]
  const [folder, next, old] = [id, `.new-${id}`, `.old-${id}`].map(shellQuote)
  return warning('storage', {
    summary: `The folder of ${id} cannot have a limit.`,
    detail: `The folder of ${id} is a plain folder, of before the data root was on Btrfs or before this version. Only counting holds its limit.`,
    remedy: `Stop all environments of ${id} first: what they write meanwhile would be lost. The copy takes no room. Look at it, then remove the folder that begins with ".old-".`,
    command: [
      `cd ${users} && btrfs subvolume create ${next} && cp -a --reflink=always ${folder}/. ${next}/`,
      `chown --reference=${folder} ${next} && chmod --reference=${folder} ${next} && mv -T ${folder} ${old} && mv -T ${next} ${folder}`,
    ].join(' && \\\n  '),
  })
}

function wrongLimit(seen: Observations, person: Person): Check {
  const words = limitInWords(person.setBytes)
  return warning('storage', {
    summary: `The folder of ${person.id} has ${words}.`,
    detail: `The folder of ${person.id} has ${words}; by the tier it would have ${limitInWords(person.limitBytes)}.`,
    remedy: 'A service that runs as root sets it within 15 seconds. Or set it on the host, as root:',
    command: limitCommand(seen, person),
  })
}

function limitInWords(bytes: number | null): string {
  return bytes === null ? 'no limit' : `a limit of ${sizeInWords(bytes)}`
}

/** By the group's id: by the path Btrfs refuses, once the folder takes more than its limit. */
function limitCommand(seen: Observations, { id, limitBytes }: Person): string {
  const group = `0/$(btrfs inspect-internal rootid ${shellQuote(pathOf(seen, userFolder(id)))})`
  return `btrfs qgroup limit ${limitBytes ?? 'none'} ${group} ${shellQuote(pathOf(seen, 'users'))}`
}

function pathOf(seen: Observations, below: string): string {
  const root = seen.root.kind === 'seen' ? seen.root.value?.path : undefined
  return onHost(seen, `${root ?? seen.standpoint.dataDir}/${below}`)
}
