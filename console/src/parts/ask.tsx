import { Button, Group, Modal, Text } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from './problem.tsx'
import { useFocusReturn } from './use-focus-return.ts'

type Question = {
  onClose: () => void
  title: string
  words: string
  doIt: string
  isDangerous?: boolean
  isBusy: boolean
  /** The service would refuse the present choice. */
  isImpossible?: boolean
  error: unknown
  onYes: () => void
  children?: ReactNode
}

/** Asks before something that people cannot simply take back. It stays open until the service has accepted it, and is there only while it is open. */
export function Ask({
  onClose,
  title,
  words,
  doIt,
  isDangerous = false,
  isBusy,
  isImpossible = false,
  error,
  onYes,
  children,
}: Question) {
  const { t } = useTranslation()
  useFocusReturn()
  const sentFrom = useRef<Element | null>(null)
  // A field that is disabled loses the focus. After a refusal the person goes on in it, unless they have gone elsewhere.
  useEffect(() => {
    const isLost = document.activeElement === document.body
    if (!isBusy && isLost && sentFrom.current instanceof HTMLElement) sentFrom.current.focus()
  }, [isBusy])
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': t('close') }}
      title={<span className="foreign">{title}</span>}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          sentFrom.current = document.activeElement
          onYes()
        }}
      >
        {words && <Text mb="md">{words}</Text>}
        {/* The fields are locked while the service works on them. */}
        <fieldset className="bare" disabled={isBusy}>
          {children}
        </fieldset>
        {error ? <Problem error={error} /> : null}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose} data-autofocus={isDangerous || undefined}>
            {t('cancel')}
          </Button>
          <Button
            type="submit"
            color={isDangerous ? 'red.9' : undefined}
            loading={isBusy}
            disabled={isImpossible}
            data-autofocus
          >
            {doIt}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
