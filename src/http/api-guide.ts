/** The first page at /docs. Markdown, with commands for the service at this address. */
export const guideFor = (
  publicUrl: string,
) => `Creates and runs Jupyter environments on one data root, each in a container of its own.

## 1. Get a token

The first start writes an administrator's token to \`ai-lab-data/admin/first-admin-token\`. Anybody who has signed in makes more of
them: \`POST /api/tokens\`. Send it with each request:

\`\`\`sh
API=${publicUrl}/api
curl -H "Authorization: Bearer $TOKEN" $API/me
\`\`\`

On this page: "Authorize", then \`bearer\`. \`curl -u <user>:<token>\` works too.

## 2. Create an environment, and wait for it

\`\`\`sh
curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -H 'Prefer: wait=55' \\
  -H "Idempotency-Key: $(uuidgen)" -d '{"template":"jupyterlab"}' $API/environments
\`\`\`

All actions answer 202 with the environment as it is at that moment. \`transition\` says what is under way, and which statuses end
it; \`null\` means that nothing more will happen by itself. With \`Prefer: wait=N\` the answer comes when \`transition\` is \`null\`, or
after N seconds, 55 at most. Was that too short? Ask \`GET /api/environments/{id}\` again, or follow
\`GET /api/environments/{id}/events\`.

If the connection breaks, send the same creation again with the same \`Idempotency-Key\`: it gives the environment that the first
one made.

## 3. Open it

Open its \`access_url\` in a browser. It is started or resumed if it has to be, after a sign-in. Programs reach Jupyter's own API
through the gateway.

## 4. Errors

Every error is \`application/problem+json\` (RFC 9457). \`type\` ends with \`/problems/<code>\`: the service shows there what the code means
and what to do. \`detail\` says what happened, \`errors\` names each wrong field by its JSON pointer, and \`request_id\` finds the request
in the service's log. Each call below lists the codes that it can answer with. After 429 and 503 wait for the seconds of
\`Retry-After\`, then send the request again.

If an environment could not be started, the answer is no error: its \`status\` is \`failed\`, and \`status_reason\` says why.

## Lists

Lists have \`items\` and \`next_cursor\`. Give \`next_cursor\` as \`cursor\` for the next page; it is \`null\` on the last.
`

/** The sentences on each group of calls. */
export const tags = [
  { name: 'health', description: 'Whether the service works. Anyone may ask.' },
  { name: 'environments', description: 'Create, start, stop and watch environments.' },
  { name: 'templates', description: 'The kinds of environments that there are, and what your tier allows.' },
  { name: 'data', description: 'The proof that environments see the files of the data root. For administrators.' },
  {
    name: 'backups',
    description:
      "People's folders, the shared ones and the records of the lab, saved together; and how they come back.",
  },
  { name: 'files', description: 'The files of a person, and the shared ones. Environments see the same files.' },
  { name: 'jobs', description: 'Long work, such as copies: watch it, cancel it.' },
  { name: 'users', description: 'The people of the lab. For administrators, except for your own password.' },
  { name: 'tokens', description: 'API tokens for programs.' },
  { name: 'sessions', description: 'Sign-ins with a browser, and who you are.' },
]

export const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      "An API token. The first one, an administrator's, is in `ai-lab-data/admin/first-admin-token`; `POST /api/tokens` makes more, and `ailab token --admin` on the machine if all are lost.",
  },
  basic: {
    type: 'http',
    scheme: 'basic',
    description: 'The user id, and an API token in the place of a password, for `curl -u`.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'ai-lab-session',
    description:
      "The cookie that `POST /api/session` sets, `__Host-ai-lab-session` on https, `__Secure-ai-lab-session` where the service is below a path. It counts only in requests of the service's own pages. A page may name its person in the header `AI-Lab-Person`: with the session of somebody else the request is then refused.",
  },
} as const
