import { useMantineColorScheme } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { Spotlight, spotlight } from '@mantine/spotlight'
import { IconLanguage, IconLogout, IconSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProjectActions } from '../atlas/palette.tsx'
import { chooseLanguage, type Language, languages } from '../i18n/i18n.ts'
import { signOut } from '../sign/sign-out.ts'
import { sections, usePlaces } from './places.ts'
import { schemeIcons, schemes } from './schemes.ts'

/** The command palette: every place one may go and the few things that can be done from anywhere. */
export function Palette() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { setColorScheme } = useMantineColorScheme()
  const shown = usePlaces()
  const [typed, setTyped] = useState('')
  const projects = useProjectActions(typed)
  useHotkeys([['/', spotlight.open]])
  const groups = sections.map((section) => ({
    group: t(`section.${section}`),
    actions: shown
      .filter((place) => place.section === section)
      .map((place) => ({
        id: place.to,
        label: t(`place.${place.name}`),
        description: t(`placeAbout.${place.name}`),
        leftSection: <place.icon size={20} stroke={1.6} />,
        onClick: () => void navigate({ to: place.to }),
      })),
  }))
  const commands = {
    group: t('section.commands'),
    actions: [
      ...schemes.map((scheme) => {
        const Icon = schemeIcons[scheme]
        return {
          id: `scheme-${scheme}`,
          label: `${t('shell.scheme')}: ${t(`scheme.${scheme}`)}`,
          leftSection: <Icon size={20} stroke={1.6} />,
          onClick: () => setColorScheme(scheme),
        }
      }),
      ...(Object.keys(languages) as Language[]).map((language) => ({
        id: `language-${language}`,
        label: `${t('shell.language')}: ${languages[language]}`,
        leftSection: <IconLanguage size={20} stroke={1.6} />,
        onClick: () => void chooseLanguage(language),
      })),
      {
        id: 'sign-out',
        label: t('shell.signOut'),
        leftSection: <IconLogout size={20} stroke={1.6} />,
        onClick: () => void signOut(),
      },
    ],
  }
  return (
    <Spotlight
      query={typed}
      onQueryChange={setTyped}
      actions={[...projects, ...groups, commands].filter((group) => group.actions.length > 0)}
      nothingFound={t('palette.nothing')}
      highlightQuery
      scrollable
      maxHeight={420}
      shortcut="mod + K"
      // Also while one is typing somewhere; `/` is for everywhere else.
      tagsToIgnore={[]}
      radius="lg"
      attributes={{ content: { 'aria-label': t('shell.search') } }}
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: t('palette.placeholder'),
        'aria-label': t('palette.placeholder'),
      }}
    />
  )
}
