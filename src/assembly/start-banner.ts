import { shellQuote } from '../lib/shell-quote.ts'

/** The text in the terminal of a person who started the service by hand, once it is up. */
export function startBanner({
  url,
  tokenFile,
  stopsEngine,
}: {
  url: string
  tokenFile: string
  stopsEngine: boolean
}): string {
  const ending = stopsEngine
    ? 'Ctrl-C stops the service, and the engine that was started for it with all\n  environments; they run again at the next start.'
    : 'Ctrl-C stops the service; environments go on.'
  return `
  The AI Lab backend is up.

    API            ${url}/api
    Documentation  ${url}/docs
    Admin token    ${tokenFile}

  Create an environment, and wait until it runs:

    curl -H "Authorization: Bearer $(cat ${shellQuote(tokenFile)})" \\
      -H 'Content-Type: application/json' -H 'Prefer: wait=60' \\
      -d '{"template":"jupyterlab"}' ${url}/api/environments

  Its access_url opens JupyterLab. ${ending}

`
}
