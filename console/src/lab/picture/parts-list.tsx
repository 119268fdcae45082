import { SimpleGrid, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Line } from './picture.ts'

/** The same facts as in the picture, as a list. */
export function PartsList({ lines }: { lines: readonly Line[] }) {
  const { t } = useTranslation()
  return (
    <SimpleGrid
      component="ol"
      cols={{ base: 1, xs: 2, md: 3, xl: 5 }}
      spacing="sm"
      className="parts-list"
      aria-label={t('labPage.partsTitle')}
    >
      {lines.map(({ part, state, why }) => (
        <li key={part} className={state} data-part={part}>
          <Text size="sm" fw={600}>
            {t(`labPage.part.${part}`)}: <span className="of-state">{t(`labPage.state.${state}`)}</span>
          </Text>
          <Text size="sm" c="dimmed">
            {why ? t(`labPage.why.${why}`) : t(`labPage.${state === 'proven' ? 'holds' : 'broken'}.${part}`)}
          </Text>
        </li>
      ))}
    </SimpleGrid>
  )
}
