import '@mantine/dropzone/styles.css'
import { Center, Stack, Text, ThemeIcon } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import { IconUpload } from '@tabler/icons-react'
import { createContext, type ReactNode, use, useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Place } from '../files/place.ts'
import { pathOfPicked } from './picked.ts'
import { uploads } from './store.ts'

const Buttons = createContext({ pickFiles: () => {}, pickFolder: () => {} })

/** Opens the browser's own choosers. */
export const useUploadButtons = () => use(Buttons)

type Props = {
  place: Place
  name: string
  /** Whether the person may put something into it. */
  isOpen: boolean
  children: ReactNode
}

/** Uploads files that the person drops on the page, or picks by the button, into the folder that is shown. */
export function UploadZone({ place, name, isOpen, children }: Props) {
  const isDragging = useDragging()
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const takeFolders = useCallback((input: HTMLInputElement | null) => {
    folder.current = input
    if (input) input.webkitdirectory = true
  }, [])
  const add = (given: Iterable<File>) =>
    uploads.add(
      place,
      Array.from(given, (file) => ({ file, path: pathOfPicked(file) })),
    )
  const onPick = (input: HTMLInputElement) => {
    add(input.files ?? [])
    input.value = '' // the same file may be picked again
  }
  return (
    <Buttons value={{ pickFiles: () => files.current?.click(), pickFolder: () => folder.current?.click() }}>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        data-pick="files"
        onChange={({ currentTarget }) => onPick(currentTarget)}
      />
      <input
        ref={takeFolders}
        type="file"
        multiple
        hidden
        data-pick="folder"
        onChange={({ currentTarget }) => onPick(currentTarget)}
      />
      {children}
      <Dropzone.FullScreen
        active={isOpen}
        onDrop={add}
        activateOnClick={false}
        activateOnKeyboard={false}
        inputProps={{ 'aria-hidden': true, tabIndex: -1 }}
      >
        {isDragging && <Target name={name} />}
      </Dropzone.FullScreen>
    </Buttons>
  )
}

function Target({ name }: { name: string }) {
  const { t } = useTranslation()
  return (
    <Center h="calc(100vh - 60px)" style={{ pointerEvents: 'none' }}>
      <Stack align="center" gap="xs">
        <ThemeIcon size={72} radius="xl" variant="light">
          <IconUpload size={40} stroke={1.4} />
        </ThemeIcon>
        <Text size="xl" fw={600}>
          {t('files.dropHere')}
        </Text>
        <Text className="foreign">{t('files.dropInto', { folder: name })}</Text>
      </Stack>
    </Center>
  )
}

/** Whether files are being dragged over the page: only then it says where they go. */
function useDragging(): boolean {
  const [isDragging, setDragging] = useState(false)
  useEffect(() => {
    const enter = ({ dataTransfer }: DragEvent) => setDragging(dataTransfer?.types.includes('Files') ?? false)
    const leave = ({ relatedTarget }: DragEvent) => relatedTarget === null && setDragging(false)
    const drop = () => setDragging(false)
    document.addEventListener('dragenter', enter)
    document.addEventListener('dragleave', leave)
    document.addEventListener('drop', drop, true)
    return () => {
      document.removeEventListener('dragenter', enter)
      document.removeEventListener('dragleave', leave)
      document.removeEventListener('drop', drop, true)
    }
  }, [])
  return isDragging
}
