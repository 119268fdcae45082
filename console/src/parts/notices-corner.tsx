import '@mantine/notifications/styles.css'
import { Notifications, notifications } from '@mantine/notifications'

export const notices = notifications

export function NoticesCorner() {
  return <Notifications position="bottom-right" />
}
