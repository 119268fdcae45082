import { Table } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** Rows of somebody's data, under heads. */
export function RowTable({ name, heads, rows }: { name: string; heads: readonly string[]; rows: readonly string[][] }) {
  const { t } = useTranslation()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
    <section className="preview-rows" tabIndex={0} aria-label={t('preview.table', { name })}>
      <Table striped stickyHeader withColumnBorders={false} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            {heads.map((head, at) => (
              <Table.Th key={at} className="foreign">
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, at) => (
            <Table.Tr key={at}>
              {row.map((cell, column) => (
                <Table.Td key={column} className="foreign">
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}
