/** Copies a text. A page without https has no clipboard of its own, but may copy what is selected. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return await navigator.clipboard.writeText(text)
  const box = document.createElement('textarea')
  box.value = text
  // In a dialogue only what is inside may have the focus.
  const place = document.activeElement?.closest('[role=dialog]') ?? document.body
  place.append(box)
  box.select()
  document.execCommand('copy')
  box.remove()
}
