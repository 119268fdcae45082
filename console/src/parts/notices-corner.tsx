import '@mantine/notifications/styles.css'
import { Notifications, notifications } from '@mantine/notifications'

export const showNotice = notifications.show

export function NoticesCorner() {
  return <Notifications position="bottom-right" />
}
