import { ActionIcon, Button, Menu, Modal, Stack, Text } from '@mantine/core'
import { IconDots, IconMailForward, IconTrash, IconUserCheck, IconUserCog, IconUserOff } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { User } from '../api/bodies.ts'
import { useMe } from '../api/me.ts'
import { useChangePerson } from '../api/people.ts'
import { Ask } from '../parts/ask.tsx'
import { tellOfProblem } from '../parts/tell.tsx'
import { useAskedCall } from '../parts/use-asked-call.ts'
import { useFocusReturn } from '../parts/use-focus-return.ts'
import { RoleAndTier } from './add-person.tsx'
import { InvitationLink } from './invitation-link.tsx'
import { type Around, isLastAdministrator, offeredFor, type PersonAct } from './offered.ts'
import { RemovePerson } from './remove-person.tsx'

const icons: Record<PersonAct, typeof IconDots> = {
  invite: IconMailForward,
  edit: IconUserCog,
  disable: IconUserOff,
  enable: IconUserCheck,
  delete: IconTrash,
}

type ActsProps = {
  user: User
  around: Around
  /** For a page of its own: a button with words. */
  isWide?: boolean
  onGone?: () => void
}

/** The menu of one person. */
export function PersonActs({ user, around, isWide = false, onGone }: ActsProps) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<Exclude<PersonAct, 'enable'> | null>(null)
  const change = useChangePerson()
  const choose = (act: PersonAct) =>
    act === 'enable'
      ? change.mutate({ id: user.id, change: { disabled: false } }, { onError: (error) => tellOfProblem(error) })
      : setOpen(act)
  return (
    <>
      <Menu position="bottom-end" withinPortal width={280}>
        <Menu.Target>
          {isWide ? (
            <Button variant="default" leftSection={<IconUserCog size={16} />}>
              {t('people.change')}
            </Button>
          ) : (
            <ActionIcon variant="default" size={30} aria-label={`${t('more')}: ${user.id}`}>
              <IconDots size={16} />
            </ActionIcon>
          )}
        </Menu.Target>
        <Menu.Dropdown>
          {offeredFor(user, around).map(({ act, hindrance }) => {
            const Icon = icons[act]
            return (
              <Menu.Item
                key={act}
                leftSection={<Icon size={16} />}
                disabled={hindrance !== null}
                c={act === 'delete' && !hindrance ? 'var(--mantine-color-error)' : undefined}
                onClick={() => choose(act)}
              >
                {t(`people.act.${act}`)}
                {hindrance && <Text size="xs">{t(`people.hindrance.${hindrance}`)}</Text>}
              </Menu.Item>
            )
          })}
        </Menu.Dropdown>
      </Menu>
      {open === 'invite' && <Invite userId={user.id} onClose={() => setOpen(null)} />}
      {open === 'edit' && <Edit user={user} around={around} onClose={() => setOpen(null)} />}
      {open === 'disable' && <Disable user={user} onClose={() => setOpen(null)} />}
      {open === 'delete' && (
        <RemovePerson user={user} environments={around.environments} onClose={() => setOpen(null)} onGone={onGone} />
      )}
    </>
  )
}

function Invite({ userId, onClose }: { userId: string; onClose: () => void }) {
  const { t } = useTranslation()
  const [isAgreed, setAgreed] = useState(false)
  useFocusReturn()
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': t('close') }}
      title={t('people.inviteTitle', { user: userId })}
      closeOnClickOutside={!isAgreed}
    >
      {isAgreed ? (
        <InvitationLink userId={userId} onClose={onClose} />
      ) : (
        <Stack>
          <Text>{t('people.inviteWords')}</Text>
          <Button onClick={() => setAgreed(true)} style={{ alignSelf: 'flex-end' }} data-autofocus>
            {t('people.makeLink')}
          </Button>
        </Stack>
      )}
    </Modal>
  )
}

function Edit({ user: now, around, onClose }: { user: User; around: Around; onClose: () => void }) {
  const { t } = useTranslation()
  const [user] = useState(now) // another administrator may change the rest meanwhile
  const [role, setRole] = useState(user.role)
  const [tier, setTier] = useState(user.tier)
  const change = useAskedCall(useChangePerson())
  const changed = { ...(role !== user.role && { role }), ...(tier !== user.tier && { tier }) }
  const isDemoted = role === 'user' && user.role === 'admin'
  return (
    <Ask
      onClose={onClose}
      title={t('people.editTitle', { user: user.id })}
      words=""
      doIt={t('save')}
      isBusy={change.isPending}
      error={change.error}
      onYes={() => change.mutate({ id: user.id, change: changed }, { onSuccess: onClose })}
    >
      <Stack mb="sm">
        <RoleAndTier
          role={role}
          tier={tier}
          onRole={setRole}
          onTier={setTier}
          roleStays={isLastAdministrator(user, around) ? t('people.hindrance.isLastAdministrator') : undefined}
        />
        {isDemoted && <Text>{t('people.demoted')}</Text>}
      </Stack>
    </Ask>
  )
}

function Disable({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation()
  const { user_id: me } = useMe()
  const change = useAskedCall(useChangePerson())
  return (
    <Ask
      onClose={onClose}
      title={t('people.disableTitle', { user: user.id })}
      words={t(user.id === me ? 'people.disableMe' : 'people.disableWords')}
      doIt={t('people.act.disable')}
      isDangerous
      isBusy={change.isPending}
      error={change.error}
      onYes={() => change.mutate({ id: user.id, change: { disabled: true } }, { onSuccess: onClose })}
    />
  )
}
