import { shellQuote } from '../lib/shell-quote.ts'

/** The text in the terminal of a person who started the service by hand, once it is up. */
export function startBanner({
  url,
  tokenFile,
  link,
  stopsEngine,
}: {
  url: string
  tokenFile: string
  /** Signs the first administrator in once; null if they can sign in already. */
  link: string | null
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
    Sign in        ${link === null ? `${url}/sign-in` : `${link}\n                   (as admin; the link works once, for a day)`}

  Create an environment, and wait until it runs:

    curl -H "Authorization: Bearer $(cat ${shellQuote(tokenFile)})" \\
      -H 'Content-Type: application/json' -H 'Prefer: wait=55' \\
      -d '{"template":"jupyterlab"}' ${url}/api/environments

  ${url}/open/<its id> opens it in a browser. ${ending}

`
}
