import { Anchor, Badge, Box, Button, Group, Modal, Text } from '@mantine/core'
import { IconPlugConnected, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tell } from '../parts/actions.ts'
import { ItemTable } from '../parts/item-table.tsx'
import { Page } from '../parts/page.tsx'
import { SidePanel } from '../parts/side-panel.tsx'
import { Empty, Loaded, Waiting } from '../parts/states.tsx'
import { HealthBadge } from './health.tsx'
import { useMayConfigure, usePlace } from './project.ts'
import { Catalogue } from './provider-catalogue.tsx'
import { ProviderBadges, ProviderDetails } from './provider-details.tsx'
import { ProviderForm } from './provider-form.tsx'
import { ProviderIcon } from './provider-icon.tsx'
import {
  type CatalogueEntry,
  type Configuration,
  catalogueQuery,
  healthQuery,
  providersQuery,
} from './provider-list.ts'

export function Providers() {
  const { t } = useTranslation()
  const place = usePlace()
  const may = useMayConfigure()
  const providers = useQuery(providersQuery(place))
  const catalogue = useQuery(catalogueQuery)
  const health = useQuery(healthQuery(place))
  const [adding, setAdding] = useState(false)
  const [openedKey, setOpenedKey] = useState<string>()
  const items = providers.data?.items ?? []
  // Read from the list, so that a change shows at once.
  const opened = items.find(({ provider }) => provider === openedKey)
  const entry = catalogue.data?.items.find((one) => one.catalogue === opened?.catalogue)
  const add = may && (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setAdding(true)}>
      {t('atlas.providers.add')}
    </Button>
  )
  return (
    <Page
      wide
      title={t('atlas.tab.providers')}
      about={t('atlas.providers.about')}
      actions={items.length > 0 && add}
    >
      <Box component="section" className="panel" style={{ overflow: 'hidden' }}>
        <Loaded
          query={providers}
          waiting={
            <Box p="md">
              <Waiting rows={3} />
            </Box>
          }
        >
          {() =>
            items.length === 0 ? (
              <Empty icon={IconPlugConnected} title={t('atlas.providers.none')} action={add}>
                {t('atlas.providers.noneAbout')}
              </Empty>
            ) : (
              <ItemTable
                items={items}
                idOf={(one) => one.provider}
                onOpen={(one) => setOpenedKey(one.provider)}
                columns={[
                  { title: t('field.name'), cell: (one) => <Name configuration={one} /> },
                  {
                    title: t('atlas.providers.state'),
                    from: 'sm',
                    cell: (one) => <ProviderBadges configuration={one} />,
                  },
                  {
                    title: t('atlas.providers.health'),
                    cell: (one) => (
                      <HealthBadge
                        state={health.data?.items.find(({ provider }) => provider === one.provider)?.state}
                      />
                    ),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Box>
      <Adding
        opened={adding}
        configured={items}
        onClose={() => setAdding(false)}
        onOpen={(configuration) => {
          setAdding(false)
          setOpenedKey(configuration.provider)
        }}
      />
      <SidePanel
        opened={opened !== undefined && entry !== undefined}
        title={
          opened && (
            <Group gap="sm" wrap="nowrap">
              <ProviderIcon icon={opened.icon} size={30} />
              {opened.name}
            </Group>
          )
        }
        size={620}
        onClose={() => setOpenedKey(undefined)}
      >
        {opened && entry && (
          <ProviderDetails
            key={opened.provider}
            configuration={opened}
            entry={entry}
            onGone={() => setOpenedKey(undefined)}
          />
        )}
      </SidePanel>
    </Page>
  )
}

function Name({ configuration: { icon, name, provider, enabled } }: { configuration: Configuration }) {
  const { t } = useTranslation()
  return (
    <Group gap="sm" wrap="nowrap">
      <ProviderIcon icon={icon} />
      <Box miw={0}>
        <Text fw={560} truncate>
          {name}
        </Text>
        <Group gap={6}>
          <Text size="sm" c="dimmed" className="mono">
            {provider}
          </Text>
          {!enabled && (
            <Badge color="gray" hiddenFrom="sm">
              {t('atlas.providers.off')}
            </Badge>
          )}
        </Group>
      </Box>
    </Group>
  )
}

/** First which, then its form. */
function Adding({
  opened,
  configured,
  onClose,
  onOpen,
}: {
  opened: boolean
  configured: readonly Configuration[]
  onClose: () => void
  onOpen: (configuration: Configuration) => void
}) {
  const { t } = useTranslation()
  const [chosen, setChosen] = useState<CatalogueEntry>()
  const close = () => {
    setChosen(undefined)
    onClose()
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      size={chosen ? 'lg' : 'xl'}
      title={chosen ? chosen.name : t('atlas.providers.add')}
      closeOnClickOutside={!chosen}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {opened && !chosen && (
        <Catalogue
          configured={configured}
          onChoose={setChosen}
          onOpen={(configuration) => {
            setChosen(undefined)
            onOpen(configuration)
          }}
        />
      )}
      {opened && chosen && (
        <>
          {/* What was chosen is gone, and the focus with it: it goes on from the top of the form. */}
          <Anchor
            component="button"
            type="button"
            size="sm"
            mb="md"
            autoFocus
            onClick={() => setChosen(undefined)}
          >
            {t('atlas.providers.back')}
          </Anchor>
          <ProviderForm
            entry={chosen}
            suggestedKey={freeKey(chosen.catalogue, configured)}
            onDone={(saved) => {
              tell(t('atlas.providers.added'))
              setChosen(undefined)
              onOpen(saved)
            }}
            onClose={close}
          />
        </>
      )}
    </Modal>
  )
}

/** `oidc`, or `oidc-2` where that is taken. */
function freeKey(base: string, configured: readonly Configuration[]): string {
  const taken = new Set(configured.map(({ provider }) => provider))
  for (let number = 2; taken.has(base); number++) {
    const key = `${base}-${number}`
    if (!taken.has(key)) return key
  }
  return base
}
