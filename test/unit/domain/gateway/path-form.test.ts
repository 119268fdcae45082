import { expect, test } from 'vitest'
import { pathForm, upstreamTarget } from '../../../../src/domain/gateway/path-form.ts'

const id = 'ai-lab-jupyterlab-k3v9q2'

test('the path form names the environment, and keeps path and query', () => {
  expect(pathForm(`/env/${id}/api/kernels?a=1&b=%2F`)).toEqual({
    id,
    target: `/env/${id}/api/kernels?a=1&b=%2F`,
    secret: null,
  })
  expect(pathForm(`/env/${id}`)?.target).toBe(`/env/${id}/`)
})

test('a token in the query is taken out of it, and the other parameters stay', () => {
  expect(pathForm(`/env/${id}/ws?session_id=1&token=ailab_x&xtoken=2`)).toEqual({
    id,
    target: `/env/${id}/ws?session_id=1&xtoken=2`,
    secret: 'ailab_x',
  })
  expect(pathForm(`/env/${id}/?token=a%2Bb&token=second`)).toMatchObject({ target: `/env/${id}/`, secret: 'a+b' })
  expect(pathForm(`/env/${id}/?token=%zz`)).toMatchObject({ secret: '%zz' })
})

test.each([
  '/',
  '/env/',
  '/env',
  '/environments/x/',
  `/env//${id}/`,
  `/ENV/${id}/`,
  '*',
  `http://x/env/${id}/`,
  '/env/..%2f/',
  '/env/../x',
])('%s is not of the path form', (target) => {
  expect(pathForm(target)).toBeNull()
})

test("Jupyter's server gets the whole path; another program gets what follows the environment's own path", () => {
  const target = `/env/${id}/a/b?c`
  expect(upstreamTarget(id, { readyPath: `/env/${id}/api/status` }, target)).toBe(target)
  expect(upstreamTarget(id, { readyPath: '/healthz' }, target)).toBe('/a/b?c')
  expect(upstreamTarget(id, { readyPath: '/healthz' }, `/env/${id}/`)).toBe('/')
})
