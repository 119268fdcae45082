/** Copies a text. Without https a page has no clipboard of its own, but it can copy a selection. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return await navigator.clipboard.writeText(text)
  const box = document.createElement('textarea')
  box.value = text
  // A dialogue keeps the focus on its own elements.
  const place = document.activeElement?.closest('[role=dialog]') ?? document.body
  place.append(box)
  box.select()
  document.execCommand('copy')
  box.remove()
}
