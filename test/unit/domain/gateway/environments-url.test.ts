import { expect, test } from 'vitest'
import { environmentsUrl } from '../../../../src/domain/gateway/environments-url.ts'

const local = environmentsUrl('http://{id}.localhost:5556')
const lab = environmentsUrl('https://{id}.env.lab.example.org')
const id = 'ai-lab-jupyterlab-k3v9q2'

test('an environment has its own origin, and its id is found in the header Host again', () => {
  expect(local?.originOf(id)).toBe(`http://${id}.localhost:5556`)
  expect(lab?.originOf(id)).toBe(`https://${id}.env.lab.example.org`)
  expect([local?.idIn(`${id}.localhost:5556`), lab?.idIn(`${id.toUpperCase()}.env.lab.example.org`)]).toEqual([id, id])
  expect([local?.isSecure, lab?.isSecure]).toEqual([false, true])
})

test.each([
  undefined,
  '',
  'localhost:5556',
  '.localhost:5556',
  `${id}.localhost.evil`,
  `evil.${id}.localhost:5556`,
  `${id}.localhost.:5556`,
  `user@${id}.localhost`,
  `-${id}.localhost`,
])('%j is the host of no environment', (host) => {
  expect(local?.idIn(host)).toBeNull()
})

test('an id that is no label of a host name has no origin', () => {
  for (const other of ['Capital', 'under_score', 'with.dot', 'x'.repeat(64), '', '-x']) {
    expect(lab?.originOf(other)).toBeNull()
  }
})

test.each([
  'https://env.lab.example.org',
  'ftp://{id}.lab',
  '{id}.lab',
  'https://{id}.{id}.lab',
  'https://{id}.lab/path',
])('%s is no pattern', (text) => {
  expect(environmentsUrl(text)).toBeNull()
})
