import { Table } from '@mantine/core'
import type { ReactNode } from 'react'

/**
 * A table that scrolls sideways where the window is narrower than `minWidth` pixels, also by keyboard. `label` is the table's
 * name for readers of the screen.
 */
export function WideTable({ minWidth, label, children }: { minWidth: number; label: string; children: ReactNode }) {
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'group', 'aria-label': label } }}
    >
      {children}
    </Table.ScrollContainer>
  )
}
