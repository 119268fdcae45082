/**
 * Reads YAML apart from the service: a hostile file of 1 MiB takes seconds. Keys that come twice are no error, the last one counts: the
 * package compares each key with all before it, which takes seconds for 10,000 checksums.
 */
import { parentPort } from 'node:worker_threads'
import { parse } from 'yaml'
import { type DatasetFacts, readFacts } from '../domain/files/dataset.ts'
import { reasonOf } from '../lib/reason-of.ts'

parentPort?.on('message', (text: string) => parentPort?.postMessage(factsIn(text)))

function factsIn(text: string): DatasetFacts | { wrong: string } {
  try {
    return readFacts(parse(text, { uniqueKeys: false }))
  } catch (error) {
    return { wrong: reasonOf(error) }
  }
}
