/** Language and colour scheme before the door: plain buttons, as menus would weigh more than the whole page. */
import { ActionIcon, Button, useMantineColorScheme } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { chooseLanguage, currentLanguage, type Language, languages } from '../i18n/i18n.ts'
import { schemeIcons, schemes } from './schemes.ts'

export function LanguageButtons() {
  const { t } = useTranslation()
  return (
    <fieldset aria-label={t('shell.language')} style={{ display: 'flex', border: 0, margin: 0, padding: 0 }}>
      {(Object.keys(languages) as Language[]).map((language) => (
        <Button
          key={language}
          lang={language}
          size="compact-md"
          variant={language === currentLanguage() ? 'light' : 'subtle'}
          color={language === currentLanguage() ? undefined : 'gray'}
          aria-pressed={language === currentLanguage()}
          onClick={() => void chooseLanguage(language)}
        >
          {languages[language]}
        </Button>
      ))}
    </fieldset>
  )
}

export function SchemeButton() {
  const { t } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const Icon = schemeIcons[colorScheme]
  const next = schemes[(schemes.indexOf(colorScheme) + 1) % schemes.length]!
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`${t('shell.scheme')}: ${t(`scheme.${colorScheme}`)}`}
      onClick={() => setColorScheme(next)}
    >
      <Icon size={20} stroke={1.7} />
    </ActionIcon>
  )
}
