import { ActionIcon, Code, Group, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { copyText } from './copy.ts'

/** A text to be copied, such as a command. */
export function Snippet({ children, label }: { children: string; label?: string }) {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <Code
        block
        style={{ flexGrow: 1, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
        tabIndex={0}
        role="group"
        aria-label={label}
      >
        {children}
      </Code>
      <CopySign text={children} />
    </Group>
  )
}

const shownForMs = 2_000

function CopySign({ text }: { text: string }) {
  const { t } = useTranslation()
  const [isCopied, setCopied] = useState(false)
  const words = t(isCopied ? 'copied' : 'copy')
  const copy = async () => {
    await copyText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), shownForMs)
  }
  return (
    <Tooltip label={words}>
      <ActionIcon variant="default" size="lg" onClick={copy} aria-label={words}>
        {isCopied ? <IconCheck size={16} /> : <IconCopy size={16} />}
      </ActionIcon>
    </Tooltip>
  )
}
