/** The JSON answer of an address; null if nobody listens there. `json` is null if the answer is not JSON. */
export async function askJson(
  url: string,
  { signal }: { signal: AbortSignal },
): Promise<{ status: number; json: unknown } | null> {
  let response: Response
  try {
    response = await fetch(url, { signal, redirect: 'manual' })
  } catch (error) {
    if (signal.aborted) throw error
    return null
  }
  const text = await atMost(response, 2 ** 16)
  try {
    return { status: response.status, json: JSON.parse(text) }
  } catch {
    return { status: response.status, json: null }
  }
}

/** The beginning of a body only: a stranger's server may send without end. */
async function atMost(response: Response, limitBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    size += chunk.length
    if (size > limitBytes) break
  }
  return Buffer.concat(chunks).toString()
}
