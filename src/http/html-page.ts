import { sha256Base64 } from '../lib/sha256.ts'

const style = `body { max-width: 45rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }
pre, code { font-size: 0.9rem } pre { overflow-x: auto } :root { color-scheme: light dark }`

/** These pages may only show their text in their own style. They run no script, load nothing, and open in no frame. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${sha256Base64(style)}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A page of a text in Markdown. The text must be this project's own, because it is not sanitized. */
export async function htmlPage(title: string, markdown: string): Promise<string> {
  const { parse } = await import('marked') // only people who follow a link need it
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} · AI Lab</title>
<style>${style}</style>
</head>
<body>
${await parse(markdown)}</body>
</html>
`
}
