import './status-sign.css'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { signOf } from './status-words.ts'

/** The status as a coloured dot and a word. Plain elements, for tables of thousands. */
export function StatusSign({ environment }: { environment: Pick<Environment, 'status' | 'transition'> }) {
  const { t } = useTranslation()
  const { colour, word, moves } = signOf(environment)
  return (
    <span className="status-sign" data-status={environment.status}>
      <span
        className={moves ? 'status-dot moving' : 'status-dot'}
        style={{ background: `var(--mantine-color-${colour.replace('.', '-')})` }}
      />
      {t(word)}
    </span>
  )
}
