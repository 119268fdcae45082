import { Alert, Box, Tooltip } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useConnection } from '../api/connection.ts'

const colours = { live: 'green.7', opening: 'blue.5', quiet: 'gray.6', lost: 'red.7' } as const

/** A dot in the colour of the connection: green while the page follows the service. */
export function ConnectionSign() {
  const { t } = useTranslation()
  const connection = useConnection()
  const words = t(`connection.${connection}`)
  return (
    <Tooltip label={words} multiline maw={280}>
      <Box
        role="img"
        aria-label={words}
        data-connection={connection}
        w={10}
        h={10}
        bg={colours[connection]}
        bdrs={5}
        flex="none"
        className={connection === 'opening' ? 'moving' : undefined}
      />
    </Tooltip>
  )
}

export function ConnectionNotice() {
  const { t } = useTranslation()
  if (useConnection() !== 'lost') return null
  return (
    <Alert color="red" variant="outline" icon={<IconPlugConnectedX />} mb="md" role="status">
      {t('connection.lost')}
    </Alert>
  )
}
