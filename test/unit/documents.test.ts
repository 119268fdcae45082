/** The links between the documents. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')
const documents = globSync(['*.md', 'docs/**/*.md', 'monitoring/*.md', 'test/*.md'], { cwd: project })

const textOf = (path: string) => readFileSync(join(project, path), 'utf8').replace(/^ *```[\s\S]*?^ *```/gm, '')

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(path: string): string[] {
  const headings = Array.from(textOf(path).matchAll(/^#+ (.*)$/gm), ([, heading = '']) => heading)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** The links of a document that lead to no file, or to no heading of it. */
function deadLinks(path: string): string[] {
  const links = Array.from(textOf(path).matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link)
  return links.filter((link) => {
    if (/^(https?:|\/)/.test(link)) return false
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? path : join(dirname(path), file)
    if (!existsSync(join(project, target))) return true
    if (anchor === undefined) return false
    return !statSync(join(project, target)).isFile() || !anchorsOf(target).includes(anchor)
  })
}

// Trouble (input): a heading is renamed, or a document moves, and links still lead to its old place
test('every link between the documents leads to a file, and to a heading in it', () => {
  expect(documents.length).toBeGreaterThan(20)
  const dead = documents.flatMap((path) => deadLinks(path).map((link) => `${path}: ${link}`))
  expect(dead).toEqual([])
})

// Trouble (first-hour): the README grows until newcomers no longer read it
test('README.md has fewer than 1,000 words', () => {
  const words = readFileSync(join(project, 'README.md'), 'utf8').trim().split(/\s+/)
  expect(words.length).toBeLessThan(1000)
})
