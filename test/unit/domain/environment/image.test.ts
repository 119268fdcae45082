import { expect, test } from 'vitest'
import { imageOf, shortId } from '../../../../src/domain/environment/image.ts'

const id = 'sha256:0123456789abcdef'

test.each([
  ['lab:1', ['mirror/lab@sha256:a', 'lab@sha256:b'], 'lab@sha256:b'],
  ['localhost:5000/lab', ['mirror/lab@sha256:a', 'localhost:5000/lab@sha256:b'], 'localhost:5000/lab@sha256:b'],
  ['localhost:5000/lab:1', ['localhost:5000/lab@sha256:b'], 'localhost:5000/lab@sha256:b'],
  ['lab@sha256:b', ['mirror/lab@sha256:a', 'lab@sha256:b'], 'lab@sha256:b'],
  ['other:1', ['mirror/lab@sha256:a'], 'mirror/lab@sha256:a'],
  ['made-here:1', [], null],
])('the digest of %s among %j is %s', (name, digests, digest) => {
  expect(imageOf({ id, digests }, name)).toEqual({ id, digest })
})

test('an id is shown as `docker images` shows it', () => {
  expect(shortId({ id, digest: null })).toBe('0123456789ab')
})
