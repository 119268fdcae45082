import { ActionIcon, Button, Group, Menu } from '@mantine/core'
import {
  IconDots,
  IconExternalLink,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefresh,
  IconRestore,
  IconTrash,
} from '@tabler/icons-react'
import { Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Environment } from '../api/bodies.ts'
import { type Act, useAct } from '../api/environments.ts'
import { tellOfProblem } from '../parts/tell.tsx'
import { AskAct } from './ask-act-later.ts'
import { isAsked, type Open } from './asked.ts'
import { offered } from './offered.ts'

const icons: Record<Act, typeof IconDots> = {
  start: IconPlayerPlay,
  stop: IconPlayerStop,
  restart: IconRefresh,
  pause: IconPlayerPause,
  resume: IconPlayerPlay,
  recreate: IconRestore,
  delete: IconTrash,
}

/** The buttons of one environment. `isCompact`: there is little room. */
export function Acts({ environment, isCompact = false }: { environment: Environment; isCompact?: boolean }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<Open>(null)
  const act = useAct()
  const { id, name, access_url } = environment
  const offer = offered(environment)
  const size = isCompact ? 'xs' : 'sm'

  const choose = (chosen: Act, body?: object) =>
    isAsked(chosen)
      ? setOpen(chosen)
      : act.mutate({ id, act: chosen, ...(body && { body }) }, { onError: (error) => tellOfProblem(error) })

  return (
    <Group gap="xs" wrap="nowrap">
      {offer.open && (
        <Button
          component="a"
          href={access_url}
          target="_blank"
          rel="noopener"
          size={size}
          leftSection={<IconExternalLink size={16} />}
          aria-label={`${t('act.open')}: ${t('environments.newTab', { name })}`}
        >
          {t('act.open')}
        </Button>
      )}
      {offer.first && <First act={offer.first} size={size} isBusy={act.isPending} onPress={choose} name={name} />}
      {(offer.others.length > 0 || environment.desired_state !== 'gone') && (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon variant="default" size={isCompact ? 30 : 36} aria-label={`${t('more')}: ${name}`}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {offer.others.map((each) => {
              const Icon = icons[each]
              return (
                <Menu.Item
                  key={each}
                  leftSection={<Icon size={16} />}
                  color={each === 'delete' ? 'var(--mantine-color-error)' : undefined}
                  onClick={() => choose(each)}
                >
                  {t(`act.${each}`)}
                </Menu.Item>
              )
            })}
            {environment.status === 'failed' && (
              <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={() => choose('start', { safe: true })}>
                {t('act.safe')}
              </Menu.Item>
            )}
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setOpen('rename')}>
              {t('act.rename')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {open && (
        <Suspense fallback={null}>
          <AskAct environment={environment} open={open} onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </Group>
  )
}

type FirstProps = { act: Act; size: string; isBusy: boolean; onPress: (act: Act) => void; name: string }

function First({ act, size, isBusy, onPress, name }: FirstProps) {
  const { t } = useTranslation()
  const Icon = icons[act]
  return (
    <Button
      size={size}
      variant="default"
      loading={isBusy}
      leftSection={<Icon size={16} />}
      aria-label={`${t(`act.${act}`)}: ${name}`}
      onClick={() => onPress(act)}
    >
      {t(`act.${act}`)}
    </Button>
  )
}
