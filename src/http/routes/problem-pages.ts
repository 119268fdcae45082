import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Problem } from '../../domain/problem.ts'
import { contentSecurityPolicy, htmlPage, openerPolicy } from '../../wire/html-page.ts'
import type { App } from '../app-type.ts'

const schema = { hide: true }
const params = z.object({ code: z.string().max(100) })

/** The pages that the `type` of a problem leads to: each code's meaning and cure. `text` is docs/problems.md. */
export function problemPages(app: App, text: () => Promise<string>): void {
  app.get('/problems', { schema }, async (request, reply) => {
    const codes = sectionsOf(await text()).map(({ code }) => `- [${code}](/problems/${code})\n`)
    return send(request, reply, { title: 'Problems', markdown: `# Problems\n\n${codes.join('')}` })
  })

  app.get('/problems/:code', { schema: { ...schema, params } }, async (request, reply) => {
    const { code } = request.params
    const section = sectionsOf(await text()).find((each) => each.code === code)
    if (!section) throw new Problem('not-found', `There is no problem of the code ${code}. /problems lists them.`)
    const markdown = `# ${code}\n\n${section.markdown}\n[All problems](/problems)\n`
    return send(request, reply, { title: code, markdown })
  })
}

/** Each code of the document, and the text below its heading. */
function sectionsOf(text: string): { code: string; markdown: string }[] {
  const [, ...sections] = text.split(/^## /m)
  const codes = sections.map((section) => section.split('\n', 1)[0] ?? '')
  return sections.map((section, at) => {
    const code = codes[at] ?? ''
    const [body = ''] = section.slice(code.length).split(/^# /m)
    return { code, markdown: `${withReachableLinks(body.trim(), codes)}\n` }
  })
}

/** Replaces a link to another document, which is not served, with its words. A link to another code leads to its page. */
function withReachableLinks(markdown: string, codes: string[]): string {
  return markdown.replace(/\[([^\]]+)\]\(([^)]+)\)/g, (link, words: string, target: string) => {
    if (target.startsWith('https://')) return link
    if (!target.startsWith('#')) return words
    const code = target.slice(1)
    return `[${words}](/problems${codes.includes(code) ? `/${code}` : ''})`
  })
}

/** An HTML page for a browser; otherwise the Markdown text, which reads well at a terminal. */
async function send(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { title, markdown }: { title: string; markdown: string },
): Promise<FastifyReply> {
  reply.header('vary', 'accept').header('cache-control', 'no-cache').serializer(String)
  if (!headers.accept?.includes('text/html')) return reply.type('text/markdown; charset=utf-8').send(markdown)
  return reply
    .type('text/html; charset=utf-8')
    .headers({ 'content-security-policy': contentSecurityPolicy, ...openerPolicy })
    .send(await htmlPage(title, markdown))
}
