import { readFile } from 'node:fs/promises'
import { createServiceClient } from '../client/service-client.ts'
import type { Connect } from '../commands/on-service.ts'
import { hostToReach } from '../lib/host-to-reach.ts'
import { reasonOf } from '../lib/reason-of.ts'
import { loadConfig } from '../settings/config.ts'

/** Connects to the service of the settings in a folder, or to another one. @throws Error with a sentence for the person */
export const connect: Connect = async (folder, { url, tokenFile }) => {
  const config = loadConfig(folder)
  const file = tokenFile ?? `${config.dataDir}/admin/first-admin-token`
  const host = hostToReach(config.host)
  const address = host.includes(':') ? `[${host}]` : host
  return createServiceClient({
    url: url?.replace(/\/+$/, '') ?? `http://${address}:${config.port}`,
    token: await tokenIn(file),
  })
}

async function tokenIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    const advice =
      'Make a token (bin/ailab token --admin), write it to a file that only you can read, and name it with --token-file.'
    throw new Error(`The token cannot be read from ${file} (${reasonOf(error)}). ${advice}`, { cause: error })
  }
}
