import { useEffect, useState } from 'react'

const typing =
  'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable=true]'
const open = '[role=dialog], [role=menu]'
const lookedEveryMs = 500

/** Whether a question that comes by itself would disturb a person who types, or has another dialogue or a menu open. */
function wouldDisturb(): boolean {
  return (document.activeElement?.matches(typing) ?? false) || document.querySelector(open) !== null
}

/** Opens a question as soon as it disturbs nobody, or at once by `ask`. It stays open until nothing is left to ask. */
export function useQuestion(isWaiting: boolean): [isOpen: boolean, ask: () => void] {
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    if (!isWaiting) setOpen(false)
    if (!isWaiting || isOpen) return
    const look = () => !wouldDisturb() && setOpen(true)
    look()
    const timer = setInterval(look, lookedEveryMs)
    return () => clearInterval(timer)
  }, [isWaiting, isOpen])
  return [isOpen && isWaiting, () => setOpen(true)]
}
