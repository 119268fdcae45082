/** How a file is shown, by the end of its name. Pure. */
export type Preview = 'text' | 'image' | 'notebook' | 'csv' | 'parquet' | 'none'

export const svgType = 'image/svg+xml'

const pictures: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
  ico: 'image/x-icon',
  svg: svgType,
}
const tables = ['csv', 'tsv', 'tab']
const texts =
  'txt text md markdown rst log py pyi r rmd jl js mjs cjs ts tsx jsx json jsonl ndjson geojson yaml yml toml ini cfg conf env sh bash zsh fish sql html htm xml css scss c h cc cpp hpp cu java kt scala go rs rb pl lua m tex bib diff patch gitignore dockerignore editorconfig properties csvy'.split(
    ' ',
  )
const wholeNames = ['dockerfile', 'makefile', 'readme', 'license', 'licence', 'changelog', 'authors', 'notice']

function endOf(name: string): string {
  return name.includes('.') ? (name.split('.').at(-1) ?? '').toLowerCase() : ''
}

export function previewOf(name: string): Preview {
  const end = endOf(name)
  if (end === 'ipynb') return 'notebook'
  if (end === 'parquet' || end === 'pq') return 'parquet'
  if (tables.includes(end)) return 'csv'
  if (Object.hasOwn(pictures, end)) return 'image'
  return texts.includes(end) || wholeNames.includes(name.toLowerCase()) ? 'text' : 'none'
}

/** The type of a picture; none other is ever given to the browser. */
export function pictureType(name: string): string {
  const end = endOf(name)
  return (Object.hasOwn(pictures, end) ? pictures[end] : undefined) ?? 'image/png'
}
