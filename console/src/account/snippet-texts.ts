type Snippet = { name: string; lead: 'account.withCurl' | 'account.withPython' | 'account.withAilab'; text: string }

/** Texts to be copied, for the service at this address. Pure. */
export function snippetsFor({ service, environmentId }: { service: string; environmentId: string }): Snippet[] {
  const authorization = '"Authorization: Bearer $TOKEN"'
  return [
    {
      name: 'curl',
      lead: 'account.withCurl',
      text: `TOKEN=…
curl -s -H ${authorization} ${service}/api/environments
curl -s -H ${authorization} -X POST '${service}/api/environments/${environmentId}/start'`,
    },
    {
      name: 'Python',
      lead: 'account.withPython',
      text: `import json, urllib.request

request = urllib.request.Request("${service}/api/environments", headers={"Authorization": "Bearer …"})
with urllib.request.urlopen(request) as answer:
    print(json.load(answer)["items"])`,
    },
    {
      name: 'ailab',
      lead: 'account.withAilab',
      text: `export AILAB_TOKEN=…
ailab files put --url ${service} data.csv data.csv`,
    },
  ]
}
