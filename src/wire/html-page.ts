import { sha256Base64 } from '../lib/sha256.ts'

const style = `body { max-width: 45rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }
pre, code { font-size: 0.9rem } pre { overflow-x: auto } :root { color-scheme: light dark }
form { max-width: 22rem } label { display: block; margin: 1rem 0 0.25rem } input, button { font: inherit; padding: 0.5rem }
input { box-sizing: border-box; width: 100% } button { margin-top: 1.25rem } [role=alert] { font-weight: bold }
select { font: inherit; padding: 0.5rem; width: 100% } td, th { padding: 0.25rem 1rem 0.25rem 0; text-align: left }
td button { margin: 0; padding: 0.125rem 0.5rem } td button, time { white-space: nowrap }`

const policyWith = (formAction: string) =>
  [
    "default-src 'none'",
    `style-src 'sha256-${sha256Base64(style)}'`,
    "base-uri 'none'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
  ].join('; ')

/** These pages may only show their text in their own style. They run no script, load nothing, and open in no frame. */
export const contentSecurityPolicy = policyWith("'none'")

/** The same for a page with a form, which is sent to the service alone. */
export const policyOfForms = policyWith("'self'")

/**
 * Takes a window with one of our pages away from the foreign page that opened it. Not for redirects: they lead on to environments,
 * whose programs may need their opener.
 */
export const openerPolicy = { 'cross-origin-opener-policy': 'same-origin' } as const

/** Text of a page in which everything that came from elsewhere is escaped. */
export type Html = { html: string }

/** Makes a part of a page: values are text and are escaped, unless they are parts themselves. */
export function html(parts: TemplateStringsArray, ...values: (string | Html | readonly Html[] | null)[]): Html {
  const written = values.map((value) =>
    typeof value === 'string'
      ? escaped(value)
      : [value ?? []]
          .flat()
          .map((part) => part.html)
          .join(''),
  )
  return { html: parts.map((part, at) => part + (written[at] ?? '')).join('') }
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

export function pageOf(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} · AI Lab</title>
<style>${{ html: style }}</style>
</head>
<body>
${body}</body>
</html>
`.html
}

/** A page of a text in Markdown. The text must be this project's own, because it is not sanitized. */
export async function htmlPage(title: string, markdown: string): Promise<string> {
  const { parse } = await import('marked') // only people who follow a link need it
  return pageOf(title, { html: await parse(markdown) })
}
