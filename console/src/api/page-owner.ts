import { at } from './place.ts'
import { queryClient } from './query-client.ts'
import { Refusal } from './refusal.ts'

/** The person who was signed in when the page came. The page stops its work, and loads anew, for anybody else. */
let owner: string | null = null
let isLeft = false
const stops = new Set<() => void>()

/** Work of this page that stops when another person signs in. */
export function stopsForAnotherPerson(stop: () => void): void {
  stops.add(stop)
}

/** Whether the page belongs to a person. The first person whom the service names owns it. */
export function isPageOf(userId: string): boolean {
  if (owner === null) claim(userId)
  return owner === userId
}

/** The person to whom the page belongs; empty until the service has named one. */
export function pageOwner(): string {
  return owner ?? ''
}

/** Headers that name the page's owner: the service refuses the call if somebody else is signed in. Empty until the page has an owner. */
export function personHeaders(): Record<string, string> {
  return owner === null ? {} : { 'ai-lab-person': owner }
}

/** Whether an error says that another person is signed in. Then the page is loaded anew for that person. */
export function leavesFor(error: unknown): boolean {
  const isAnother = error instanceof Refusal && error.code === 'another-person'
  if (isAnother) leavePage()
  return isAnother
}

/** Tells the other pages of this browser: a hidden page with an upload would else go on with the new person's session. */
function claim(userId: string): void {
  owner = userId
  const pages = new BroadcastChannel(`console of ${at('')}`)
  pages.postMessage(userId)
  pages.onmessage = ({ data }) => {
    if (data !== owner) void queryClient.invalidateQueries({ queryKey: ['me'] })
  }
}

/** Gives the page to the person who is signed in now: nothing of its owner stays. */
export function leavePage(): void {
  if (isLeft) return
  isLeft = true
  for (const stop of stops) stop()
  queryClient.clear()
  setTimeout(() => location.reload()) // React first takes away the question whether to leave uploads
}
