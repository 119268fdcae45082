import { Text } from '@mantine/core'
import { serviceLanguage } from '../words/service-language.ts'

// On a phone, fewer letters fit without scrolling.
const longCharacters = 300

/** Shows words of the service in a frame of limited height. Longer words scroll, by the keyboard too. */
export function LongWords({ children }: { children: string }) {
  return (
    <Text
      lang={serviceLanguage}
      className="foreign"
      mah="40vh"
      style={{ overflow: 'auto' }}
      tabIndex={children.length > longCharacters ? 0 : undefined}
    >
      {children}
    </Text>
  )
}
