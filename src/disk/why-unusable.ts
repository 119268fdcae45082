import { missingIn } from '../domain/room.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import { writability } from './files.ts'
import { handOver } from './hand-over.ts'
import { roomAt } from './room.ts'

/** Why the service can keep nothing new in a folder, with what to do; null if the disk shows no reason. */
export async function whyUnusable(folder: string): Promise<string | null> {
  return (await whyNotWritable(folder)) ?? (await whyFull(folder))
}

/** The same, but for want of room: a service whose disk is full still serves what is there. */
export async function whyNotWritable(folder: string): Promise<string | null> {
  switch (await writability(folder)) {
    case 'writable':
      return null
    case 'read-only-disk':
      return `The file system of ${folder} is read-only. See to its disk: findmnt -T ${shellQuote(folder)}, and dmesg.`
    case 'forbidden':
      return `${folder} is not writable for the service (uid ${process.getuid?.()}). Give it over: ${handOver(folder)}`
  }
}

async function whyFull(folder: string): Promise<string | null> {
  switch (missingIn(await roomAt(folder))) {
    case 'room':
      return `The disk of ${folder} has no room left (df -h ${shellQuote(folder)}). Make room.`
    case 'inodes':
      return `The disk of ${folder} has no inodes left, so it takes no more files (df -i ${shellQuote(folder)}). Delete some.`
    case null:
      return null
  }
}
