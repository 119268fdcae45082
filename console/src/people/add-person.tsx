import { Button, Group, Input, Modal, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { User } from '../api/bodies.ts'
import { useAddPerson, useTiers } from '../api/people.ts'
import { Problem } from '../parts/problem.tsx'
import { tell } from '../parts/tell.tsx'
import { useAskedCall } from '../parts/use-asked-call.ts'
import { useFocusReturn } from '../parts/use-focus-return.ts'
import { InvitationLink } from './invitation-link.tsx'

/** Adds a person, and shows at once the link to send to them. */
export function AddPerson({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const [added, setAdded] = useState<User | null>(null)
  useFocusReturn()
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': t('close') }}
      title={t('people.add')}
      closeOnClickOutside={false}
    >
      {added ? (
        <InvitationLink userId={added.id} isNew onClose={onClose} />
      ) : (
        <Form onAdded={setAdded} onClose={onClose} />
      )}
    </Modal>
  )
}

function Form({ onAdded, onClose }: { onAdded: (user: User) => void; onClose: () => void }) {
  const { t } = useTranslation()
  const [id, setId] = useState('')
  const [role, setRole] = useState<User['role']>('user')
  const [tier, setTier] = useState('default') // every catalogue has it
  const add = useAskedCall(useAddPerson(), { onUnseen: ({ id: user }) => tell(t('people.added', { user })) })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        add.mutate({ id: id.trim(), role, tier }, { onSuccess: onAdded })
      }}
    >
      <Stack>
        <TextInput
          label={t('people.id')}
          description={t('people.idHint')}
          value={id}
          onChange={({ currentTarget }) => setId(currentTarget.value)}
          required
          autoComplete="off"
          data-autofocus
        />
        <RoleAndTier role={role} tier={tier} onRole={setRole} onTier={setTier} />
        {add.error && <Problem error={add.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t('people.addAndInvite')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

type RoleAndTierProps = {
  role: User['role']
  tier: string
  onRole: (role: User['role']) => void
  onTier: (tier: string) => void
  /** Why the role cannot be another one. */
  roleStays?: string
}

const roles = ['user', 'admin'] as const satisfies User['role'][]

export function RoleAndTier({ role, tier, onRole, onTier, roleStays }: RoleAndTierProps) {
  const { t } = useTranslation()
  const tiers = useTiers()
  return (
    <>
      <div>
        <Input.Label component="div" id="role-label" display="block">
          {t('people.role')}
        </Input.Label>
        <SegmentedControl
          aria-labelledby="role-label"
          data={roles.map((value) => ({ value, label: t(`people.roles.${value}`) }))}
          value={role}
          onChange={(value) => onRole(value as User['role'])}
          disabled={roleStays !== undefined}
          mt={4}
        />
        <Text size="sm" c="dimmed" mt={4}>
          {roleStays ?? t(`people.roleHint.${role}`)}
        </Text>
      </div>
      <Select
        label={t('people.tier')}
        description={t('people.tierHint')}
        data={[...new Set([...tiers, tier])]}
        value={tier}
        onChange={(value) => value && onTier(value)}
        allowDeselect={false}
      />
    </>
  )
}
