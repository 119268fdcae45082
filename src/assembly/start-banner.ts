/** What a person reads in the terminal once the service that they started by hand is up. */
export function startBanner({ url, tokenFile }: { url: string; tokenFile: string }): string {
  return `
  The AI Lab backend is up.

    API            ${url}/api
    Documentation  ${url}/docs
    Admin token    ${tokenFile}

  Create an environment, and wait until it runs:

    curl -H "Authorization: Bearer $(cat '${tokenFile}')" \\
      -H 'Content-Type: application/json' -H 'Prefer: wait=60' \\
      -d '{"template":"jupyterlab"}' ${url}/api/environments

  Its access_url opens JupyterLab. Ctrl-C stops the service; environments go on.

`
}
