import { Text } from '@mantine/core'

// Less than what fills the frame on a phone.
const longCharacters = 300

/** Words of any length from the service: what is longer than a part of the screen scrolls, by the keyboard too. */
export function LongWords({ children }: { children: string }) {
  return (
    <Text
      className="foreign"
      mah="40vh"
      style={{ overflow: 'auto' }}
      tabIndex={children.length > longCharacters ? 0 : undefined}
    >
      {children}
    </Text>
  )
}
