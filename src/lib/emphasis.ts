import { styleText } from 'node:util'

/** Bold on a terminal that shows it; NO_COLOR and FORCE_COLOR are honoured. */
export function emphasized(text: string): string {
  return styleText('bold', text, { stream: process.stdout })
}
