import { Badge, Box, Stack, Text, UnstyledButton } from '@mantine/core'
import { IconZoomQuestion } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SearchField } from '../parts/search-field.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import classes from './provider-icon.module.css'
import { ProviderIcon } from './provider-icon.tsx'
import { type CatalogueEntry, type Configuration, catalogueQuery } from './provider-list.ts'

/** Providers to choose from; those that are configured already lead to what is there. */
export function Catalogue({
  configured,
  onChoose,
  onOpen,
}: {
  configured: readonly Configuration[]
  onChoose: (entry: CatalogueEntry) => void
  onOpen: (configuration: Configuration) => void
}) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const catalogue = useQuery(catalogueQuery)
  const fits = ({ name, catalogue, generic }: CatalogueEntry) =>
    `${name} ${catalogue}`.toLowerCase().includes(wanted) || (generic && wanted === '')
  const thereOf = (entry: CatalogueEntry) =>
    entry.generic ? undefined : configured.find(({ provider }) => provider === entry.catalogue)
  const choose = (entry: CatalogueEntry) => {
    const there = thereOf(entry)
    if (there) onOpen(there)
    else onChoose(entry)
  }
  return (
    <Loaded query={catalogue}>
      {({ items }) => {
        const found = items.filter(fits)
        const generic = items.filter((entry) => entry.generic)
        return (
          <Stack>
            <form
              onSubmit={(event) => {
                event.preventDefault()
                // Enter takes what is left of the list.
                if (found.length === 1) choose(found[0]!)
              }}
            >
              <SearchField first label={t('atlas.providers.search')} value={typed} onChange={setTyped} />
            </form>
            {found.length === 0 && (
              <Empty icon={IconZoomQuestion} title={t('atlas.providers.nothing')}>
                {t('atlas.providers.nothingAbout')}
              </Empty>
            )}
            <ul className={classes.choices}>
              {(found.length === 0 ? generic : found).map((entry) => (
                <li key={entry.catalogue}>
                  <UnstyledButton className={classes.choice!} onClick={() => choose(entry)}>
                    <ProviderIcon icon={entry.icon} />
                    <Box miw={0} flex={1}>
                      <Text fw={560}>{entry.name}</Text>
                      {entry.generic && (
                        <Text size="sm" c="dimmed">
                          {t('atlas.providers.generic')}
                        </Text>
                      )}
                    </Box>
                    {thereOf(entry) && <Badge color="green">{t('atlas.providers.there')}</Badge>}
                  </UnstyledButton>
                </li>
              ))}
            </ul>
          </Stack>
        )
      }}
    </Loaded>
  )
}
