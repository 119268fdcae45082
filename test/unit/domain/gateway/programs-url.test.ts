import { expect, test } from 'vitest'
import { environmentsUrl, noEnvironmentsUrl } from '../../../../src/domain/gateway/environments-url.ts'
import { programsUrlOf } from '../../../../src/domain/gateway/programs-url.ts'

test.each([
  ['http://{id}.localhost:5556', 'http://localhost:5555', 'http://localhost:5556'],
  ['https://{id}.env.lab.example.org', 'https://lab.example.org', 'https://env.lab.example.org'],
  ['https://{id}.env.lab.example.org:8443/', 'https://lab.example.org', 'https://env.lab.example.org:8443'],
  ['https://env.lab.example.org', 'https://lab.example.org', 'https://env.lab.example.org'],
])('programs reach environments of %s, of the platform at %s, at %s', (pattern, publicUrl, expected) => {
  expect(programsUrlOf(environmentsUrl(pattern) ?? noEnvironmentsUrl, publicUrl)).toBe(expected)
})

test.each([
  ['is the platform’s', 'https://{id}.lab.example.org', 'https://lab.example.org'],
  ['would be a part of a name', 'https://nb-{id}.lab.example.org', 'https://lab.example.org'],
  ['is not set', 'no pattern', 'https://lab.example.org'],
])('there is no address for programs if their host %s', (_, pattern, publicUrl) => {
  expect(programsUrlOf(environmentsUrl(pattern) ?? noEnvironmentsUrl, publicUrl)).toBeNull()
})
