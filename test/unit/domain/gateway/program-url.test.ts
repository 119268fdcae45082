import { expect, test } from 'vitest'
import { environmentsUrl, noEnvironmentsUrl } from '../../../../src/domain/gateway/environments-url.ts'
import { programUrlOf } from '../../../../src/domain/gateway/program-url.ts'

const id = 'ai-lab-jupyterlab-k3v9q2'
const urlAt = (pattern: string, publicUrl: string) =>
  programUrlOf(id, environmentsUrl(pattern) ?? noEnvironmentsUrl, publicUrl)

test.each([
  ['http://{id}.localhost:5556', 'http://localhost:5555', 'http://localhost:5556'],
  ['https://{id}.env.lab.example.org', 'https://lab.example.org', `https://${id}.env.lab.example.org`],
  ['https://{id}.env.lab.example.org:8443/', 'https://lab.example.org', `https://${id}.env.lab.example.org:8443`],
  ['https://nb-{id}.lab.example.org', 'https://lab.example.org', `https://nb-${id}.lab.example.org`],
  ['https://env.lab.example.org', 'https://lab.example.org', 'https://env.lab.example.org'],
])('programs reach an environment of %s, of the platform at %s, at %s', (pattern, publicUrl, expected) => {
  expect(urlAt(pattern, publicUrl)).toBe(`${expected}/env/${id}/`)
})

// Trouble (worst): a program sends its token to a server that is not the lab's
test('programs never go to the host above the environments, which may be somebody else’s', () => {
  const url = urlAt('https://{id}.uni.example', 'https://portal.uni.example')
  expect(new URL(url ?? '').host).toBe(`${id}.uni.example`)
})

test.each([
  ['is the platform’s', 'http://{id}.localhost', 'http://localhost'],
  ['would be no host name', `https://${'x'.repeat(50)}{id}.lab.example.org`, 'https://lab.example.org'],
  ['is not set', 'no pattern', 'https://lab.example.org'],
])('there is no address for programs if their host %s', (_, pattern, publicUrl) => {
  expect(urlAt(pattern, publicUrl)).toBeNull()
})
