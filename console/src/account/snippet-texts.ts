import type { Environment } from '../api/bodies.ts'

type Lead = 'curl' | 'python' | 'ailab' | 'vsCode' | 'services' | 'intoCurl'
export type SnippetText = { name: string; lead: `snippets.${Lead}`; text: string }

const authorization = '"Authorization: Bearer $TOKEN"'

/** Texts to be copied, for programs that use the API of the service at this address. Pure. */
export function snippetsOfApi({ service, environmentId }: { service: string; environmentId: string }): SnippetText[] {
  return [
    {
      name: 'curl',
      lead: 'snippets.curl',
      text: `TOKEN=…
curl -s -H ${authorization} ${service}/api/environments
curl -s -H ${authorization} -X POST '${service}/api/environments/${environmentId}/start'`,
    },
    {
      name: 'Python',
      lead: 'snippets.python',
      text: `import json, urllib.request

request = urllib.request.Request("${service}/api/environments", headers={"Authorization": "Bearer …"})
with urllib.request.urlopen(request) as answer:
    print(json.load(answer)["items"])`,
    },
    {
      name: 'ailab',
      lead: 'snippets.ailab',
      text: `export AILAB_TOKEN=…
ailab files put --url ${service} data.csv data.csv`,
    },
  ]
}

/** Texts to be copied, for programs that use the server inside an environment; none if programs have no address for it. Pure. */
export function snippetsInto({ type, program_url: url }: Pick<Environment, 'type' | 'program_url'>): SnippetText[] {
  if (url === null) return []
  return type === 'jupyter' ? ofJupyter(url) : [into(url)]
}

function into(url: string): SnippetText {
  return { name: 'curl', lead: 'snippets.intoCurl', text: `TOKEN=…\ncurl -s -H ${authorization} '${url}'` }
}

function ofJupyter(url: string): SnippetText[] {
  return [
    { name: 'VS Code', lead: 'snippets.vsCode', text: `${url}?token=…` },
    {
      name: '@jupyterlab/services',
      lead: 'snippets.services',
      text: `import { KernelManager, ServerConnection } from '@jupyterlab/services'

const baseUrl = '${url}'
const token = '…'
const serverSettings = ServerConnection.makeSettings({ baseUrl, token, WebSocket })
const kernels = new KernelManager({ serverSettings })
const kernel = await kernels.startNew({ name: 'python3' })
const future = kernel.requestExecute({ code: 'print(6 * 7)' })
future.onIOPub = ({ content }) => content.text && console.log(content.text)
await future.done
await kernel.shutdown()
process.exit() // timers of the library would keep the process`,
    },
    into(`${url}api/kernels`),
  ]
}
