import './rows.css'
import { VisuallyHidden } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { Fragment, memo, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useVisibleRows } from './visible-rows.ts'

export type Column<Item> = {
  key: string
  title: string
  /** In `rem`; the others share the rest. */
  width: number
  isSortable?: boolean
  isNumber?: boolean
  /** For eyes, the title of a column of buttons is needless. */
  isTitleHidden?: boolean
  show: (item: Item) => ReactNode
}

export type Sort<Key extends string = string> = { by: Key; isDown: boolean }

export type Selection = {
  isChosen: (id: string) => boolean
  choose: (id: string, isChosen: boolean, isRange: boolean) => void
  all: 'all' | 'some' | 'none'
  chooseAll: (isChosen: boolean) => void
  labelOf: (id: string) => string
}

type RowsProps<Item> = {
  items: readonly Item[]
  idOf: (item: Item) => string
  /** The same array from one rendering to the next, else all rows are made anew. */
  columns: readonly Column<Item>[]
  label: string
  sort?: Sort
  onSort?: (by: string) => void
  /** The same object for as long as nothing else is chosen. */
  selection?: Selection
}

const rowPx = 44
const remOfBox = 2.75

/** A table of any length: only the rows in view are in the document. It renders again only when its properties change. */
export const Rows = memo(Table) as typeof Table

function Table<Item>({ items, idOf, columns, label, sort, onSort, selection }: RowsProps<Item>) {
  const { t } = useTranslation()
  const { scroller, from, to } = useVisibleRows(items.length, rowPx)
  const width = columns.reduce((sum, column) => sum + column.width, selection ? remOfBox : 0)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
    <section className="rows" ref={scroller} tabIndex={0} aria-label={label}>
      <table style={{ minWidth: `${width}rem` }} aria-rowcount={items.length + 1} aria-label={label}>
        <colgroup>
          {selection && <col style={{ width: `${remOfBox}rem` }} />}
          {columns.map(({ key, width }) => (
            <col key={key} style={{ width: `${width}rem` }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {selection && (
              <th scope="col">
                <Box
                  label={t('rows.chooseAll')}
                  isChecked={selection.all === 'all'}
                  isMixed={selection.all === 'some'}
                  onChange={selection.chooseAll}
                />
              </th>
            )}
            {columns.map((column) => (
              <Head key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {from > 0 && <tr aria-hidden style={{ height: from * rowPx }} />}
          {items.slice(from, to).map((item, at) => {
            const id = idOf(item)
            return (
              <Row
                key={id}
                id={id}
                item={item}
                index={from + at + 2}
                columns={columns as readonly Column<unknown>[]}
                isChosen={selection?.isChosen(id) ?? false}
                choose={selection?.choose}
                label={selection?.labelOf(id)}
              />
            )
          })}
          {to < items.length && <tr aria-hidden style={{ height: (items.length - to) * rowPx }} />}
        </tbody>
      </table>
    </section>
  )
}

type RowProps = {
  id: string
  item: unknown
  index: number
  columns: readonly Column<unknown>[]
  isChosen: boolean
  choose?: Selection['choose']
  label?: string
}

const Row = memo(function Row({ id, item, index, columns, isChosen, choose, label }: RowProps) {
  return (
    <tr aria-rowindex={index} data-row={id} data-chosen={isChosen || undefined}>
      {choose && (
        <td>
          <Box label={label ?? id} isChecked={isChosen} onChange={(isNow, isRange) => choose(id, isNow, isRange)} />
        </td>
      )}
      <Cells item={item} columns={columns} />
    </tr>
  )
})

/** Apart from the row: a choice of all rows draws none of their cells anew. */
const Cells = memo(function Cells({ item, columns }: Pick<RowProps, 'item' | 'columns'>) {
  return columns.map(({ key, show, isNumber }) => (
    <td key={key} className={isNumber ? 'number' : undefined}>
      {show(item)}
    </td>
  ))
})

type BoxProps = {
  label: string
  isChecked: boolean
  isMixed?: boolean
  onChange: (isChecked: boolean, isRange: boolean) => void
}

function Box({ label, isChecked, isMixed = false, onChange }: BoxProps) {
  return (
    <input
      type="checkbox"
      aria-label={label}
      checked={isChecked}
      ref={(element) => {
        if (element) element.indeterminate = isMixed
      }}
      onChange={({ currentTarget, nativeEvent }) =>
        onChange(currentTarget.checked, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)
      }
    />
  )
}

type HeadProps<Item> = { column: Column<Item>; sort?: Sort; onSort?: (by: string) => void }

function Head<Item>({ column: { key, title, isSortable, isNumber, isTitleHidden }, sort, onSort }: HeadProps<Item>) {
  const isHere = sort?.by === key
  const Title = isTitleHidden ? VisuallyHidden : Fragment
  const Arrow = sort?.isDown ? IconArrowDown : IconArrowUp
  return (
    <th
      scope="col"
      className={isNumber ? 'number' : undefined}
      aria-sort={isHere ? (sort.isDown ? 'descending' : 'ascending') : undefined}
    >
      {isSortable && onSort ? (
        <button type="button" onClick={() => onSort(key)}>
          {title}
          {isHere && <Arrow size={14} aria-hidden />}
        </button>
      ) : (
        <Title>{title}</Title>
      )}
    </th>
  )
}
