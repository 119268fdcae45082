import { expect, test } from 'vitest'
import { environmentsUrl, noEnvironmentsUrl } from '../../../../src/domain/gateway/environments-url.ts'
import { weaknessesOf } from '../../../../src/domain/gateway/shared-origin.ts'

const weakness = (pattern: string, publicUrl: string) =>
  weaknessesOf(environmentsUrl(pattern) ?? noEnvironmentsUrl, publicUrl)[0] ?? null

test('an origin for each environment is no weakness, and neither is no pattern at all', () => {
  expect(weakness('https://{id}.env.lab', 'https://lab')).toBeNull()
  expect(weaknessesOf(noEnvironmentsUrl, 'https://lab')).toEqual([])
})

test('one origin for all is a weakness, with a pattern that cures it', () => {
  expect(weakness('https://env.lab', 'https://lab')).toEqual({
    summary: 'All environments have one origin.',
    detail:
      'All environments have one origin (ENVIRONMENTS_URL=https://env.lab), so the page of one can act on the others that its visitor may open.',
    remedy:
      'Set ENVIRONMENTS_URL to a pattern with {id}, such as https://{id}.env.lab, with one wildcard record of DNS and one certificate for it (docs/gateway.md).',
  })
})

test('the host name of the platform on another port is a greater one', () => {
  const { detail, remedy } = weakness('http://10.0.0.5:5556', 'http://10.0.0.5:5555') ?? { detail: '', remedy: '' }
  expect(detail).toMatch(/cookies know no ports: .* sign its visitor out, or in to another account/)
  expect(remedy).toContain('such as http://{id}.env.lab.example.org,')
  expect(weakness('http://localhost:5556', 'http://localhost:5555')?.remedy).toContain(
    'such as http://{id}.localhost:5556,',
  )
})

test('a path of the platform is a weakness of its own', () => {
  const found = weaknessesOf(environmentsUrl('https://env.lab') ?? noEnvironmentsUrl, 'https://lab/a')
  expect(found.map(({ summary }) => summary)).toEqual([
    'All environments have one origin.',
    'The platform shares its origin with other programs.',
  ])
  expect(weakness('https://{id}.env.lab', 'https://lab/a')).toMatchObject({
    detail: expect.stringMatching(
      /^The platform shares the origin https:\/\/lab with .* \(PUBLIC_URL=https:\/\/lab\/a\)/,
    ),
    remedy: expect.stringContaining('without a path'),
  })
})
