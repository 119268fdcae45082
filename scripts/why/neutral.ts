/** Output without the parts that differ in each run: temporary paths, long ids, hints at `--help`. Nothing else changes. */
export function neutral(text: string, { folder, containerName }: { folder: string; containerName: string }): string {
  return text
    .replaceAll(folder, '/lab')
    .replaceAll(containerName, 'notebook')
    .replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…')
    .replace(/\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '$1…')
    .replace(/^ *(Run|See) 'docker run --help'.*\n?/gm, '')
    .replace(/^ +$\n?/gm, '')
}
