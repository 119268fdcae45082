import { useEffect, useState } from 'react'

/**
 * When a dialogue goes, gives the focus back to the element that opened it. Mantine does this only for a dialogue that it has seen closed
 * before, and the dialogues here are there only while they are open.
 */
export function useFocusReturn(): void {
  const [opener] = useState(openerNow)
  useEffect(
    () => () => {
      if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus()
    },
    [opener],
  )
}

/** The element with the focus. An entry of a menu goes away with its menu: then the menu's button. */
function openerNow(): Element | null {
  const active = document.activeElement
  const menu = active?.closest('[role=menu]')
  return menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : active
}
