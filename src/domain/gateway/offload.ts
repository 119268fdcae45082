import type { Address } from '../environment/environment.ts'

/**
 * Whether a target leads to a file's own bytes at a Jupyter server: `/env/<id>/files/…`. Only these may reach a browser past
 * the gateway, because pages may hold the environment's secret. A path with `..` in any spelling may lead elsewhere. Pure.
 */
export function isFileTarget(target: string): boolean {
  const [path = ''] = target.split('?', 1)
  return /^\/env\/[^/]+\/files\/./.test(path) && !/(\.|%2e){2}|\/\/|%(2f|5c|00)|\\/i.test(path)
}

/**
 * The headers with which the gateway leads nginx to a file, in the words of `deploy/nginx.conf`. They hold the environment's
 * secret, and are for nginx alone. Pure.
 */
export function towardsNginx({ host, port }: Address, target: string, secret: string): Record<string, string> {
  return {
    'x-accel-redirect': '@ai_lab_offload',
    'x-ai-lab-address': `${host}:${port}`,
    'x-ai-lab-target': target,
    'x-ai-lab-authorization': `token ${secret}`,
  }
}
