import { Select, Stack, Text, Title } from '@mantine/core'
import i18next from 'i18next'
import { useTranslation } from 'react-i18next'
import { useMe } from '../api/me.ts'
import { chooseLanguage, type Language, languages } from '../words/words.ts'
import { PasswordForm } from './password-form.tsx'
import { Sessions } from './sessions.tsx'
import { Snippets } from './snippets.tsx'
import { Tokens } from './tokens.tsx'

/** Whoever is signed in: password, sessions, tokens, and how programs use them. */
export function AccountPage() {
  const { t } = useTranslation()
  const { user_id: user, role, tier } = useMe()
  return (
    <Stack maw={980} gap="xl">
      <div>
        <Title order={2}>{t('account.title')}</Title>
        <Text className="foreign">{t('account.you', { user, role, tier })}</Text>
      </div>
      <Select
        label={t('account.language')}
        data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
        value={i18next.language}
        onChange={(value) => value && chooseLanguage(value as Language)}
        allowDeselect={false}
        maw={240}
      />
      <PasswordForm userId={user} />
      <Sessions />
      <Tokens />
      <Snippets />
    </Stack>
  )
}
