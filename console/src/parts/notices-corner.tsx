import '@mantine/notifications/styles.css'
import { type NotificationData, Notifications, notifications } from '@mantine/notifications'
import i18next from 'i18next'

export const notices = {
  ...notifications,
  show: (notice: NotificationData) =>
    notifications.show({ closeButtonProps: { 'aria-label': i18next.t('close') }, ...notice }),
}

export function NoticesCorner() {
  return <Notifications position="bottom-right" />
}
