import { expect, test } from 'vitest'
import { environmentsUrl } from '../../../../src/domain/gateway/environments-url.ts'

const local = environmentsUrl('http://{id}.localhost:5556')
const lab = environmentsUrl('https://{id}.env.lab.example.org')
const id = 'ai-lab-jupyterlab-k3v9q2'

test('an environment has its own origin, and its id is found in the header Host again', () => {
  expect(local?.originOf(id)).toBe(`http://${id}.localhost:5556`)
  expect(lab?.originOf(id)).toBe(`https://${id}.env.lab.example.org`)
  const found = [local?.idIn(`${id}.localhost:5556`, '/'), lab?.idIn(`${id.toUpperCase()}.env.lab.example.org`, '/')]
  expect(found).toEqual([id, id])
  expect([local?.isSecure, lab?.isSecure]).toEqual([false, true])
  expect([local?.isShared, local?.baseOf(id)]).toEqual([false, '/'])
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
  expect(local?.idIn(host, `/env/${id}/`)).toBeNull()
})

test('an id that is no label of a host name has no origin', () => {
  for (const other of ['Capital', 'under_score', 'with.dot', 'x'.repeat(64), '', '-x']) {
    expect(lab?.originOf(other)).toBeNull()
  }
})

test('without {id} all environments have one origin, and an id is found in the path', () => {
  const one = environmentsUrl('https://env.lab.example.org/')
  expect([one?.isShared, one?.isSecure, one?.originOf(id)]).toEqual([true, true, 'https://env.lab.example.org'])
  expect(one?.baseOf(id)).toBe(`/env/${id}/`)
  expect(one?.originOf('under_score')).toBe('https://env.lab.example.org')
  const idIn = (host: string | undefined, target: string | undefined) => one?.idIn(host, target)
  expect(idIn('Env.lab.example.org:443', `/env/${id}/lab?x=/env/other/`)).toBe(id)
  expect(idIn('env.lab.example.org', `/env/${id}`)).toBe(id)
  for (const target of ['/', undefined, '/env/', '/env//x', `//env/${id}/`, `/x/env/${id}/`]) {
    expect(idIn('env.lab.example.org', target)).toBeNull()
  }
  for (const host of ['localhost', undefined, 'x.env.lab.example.org', `${id}.env.lab.example.org`]) {
    expect(idIn(host, `/env/${id}/`)).toBeNull()
  }
})

test('an origin has no port where browsers write none', () => {
  expect(environmentsUrl('https://{id}.env.lab:443')?.originOf(id)).toBe(`https://${id}.env.lab`)
  expect(environmentsUrl('http://env.lab:80')?.originOf(id)).toBe('http://env.lab')
  expect(environmentsUrl('http://env.lab:443')?.originOf(id)).toBe('http://env.lab:443')
})

test.each([
  'https://',
  'http://256.1.1.1',
  'ftp://{id}.lab',
  '{id}.lab',
  'https://{id}.{id}.lab',
  'https://{id}.lab/path',
])('%s is no pattern', (text) => {
  expect(environmentsUrl(text)).toBeNull()
})
