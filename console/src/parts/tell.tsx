import { notifications } from '@mantine/notifications'
import i18next from 'i18next'
import { wordsOf } from './problem.tsx'

const shownForMs = 12_000

/** Says in a corner of the page that something did not work. */
export function tellOfProblem(error: unknown): void {
  notifications.show({
    color: 'red',
    title: i18next.t('problem.title'),
    message: <span className="foreign">{wordsOf(error, i18next.t('problem.unreachable'))}</span>,
    autoClose: shownForMs,
  })
}

export function tell(message: string): void {
  notifications.show({ color: 'green', message })
}
