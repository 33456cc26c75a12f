import { Group, Radio, SegmentedControl, Stack, Text, useMantineColorScheme } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { chooseLanguage, currentLanguage, type Language, languages } from '../i18n/i18n.ts'
import { profileKey, useProfile } from '../me.ts'
import { useAction } from '../parts/actions.ts'
import { Page, Section } from '../parts/page.tsx'
import { schemes } from '../shell/schemes.ts'
import { NotificationChoices } from './notification-choices.tsx'

export function Settings() {
  const { t } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const profile = useProfile().data
  const keepLanguage = useAction({
    run: async (locale: Language) => {
      if (profile)
        await api.users.updateProfile({
          params: { userId: profile.userId },
          ifMatch: profile.version,
          body: { locale },
        })
    },
    refresh: [profileKey, ['notifications']],
  })
  return (
    <Page title={t('place.settings')} about={t('placeAbout.settings')}>
      <Section title={t('settings.look')}>
        <Stack gap="lg">
          <Radio.Group
            label={t('shell.language')}
            description={t('settings.languageAbout')}
            value={currentLanguage()}
            onChange={(language) => {
              // The page changes at once; the profile, which also sets the language of mails, follows.
              void chooseLanguage(language as Language)
              keepLanguage.mutate(language as Language)
            }}
          >
            <Group mt="sm" gap="lg">
              {Object.entries(languages).map(([value, label]) => (
                <Radio key={value} value={value} label={<span lang={value}>{label}</span>} />
              ))}
            </Group>
          </Radio.Group>
          <div>
            <Text size="sm" fw={500} id="scheme-label">
              {t('shell.scheme')}
            </Text>
            <Text size="xs" c="dimmed" mb="sm">
              {t('settings.schemeAbout')}
            </Text>
            <SegmentedControl
              aria-labelledby="scheme-label"
              value={colorScheme}
              onChange={(scheme) => setColorScheme(scheme as (typeof schemes)[number])}
              data={schemes.map((scheme) => ({ value: scheme, label: t(`scheme.${scheme}`) }))}
            />
          </div>
        </Stack>
      </Section>
      <NotificationChoices />
    </Page>
  )
}
