import { Badge, Box, SimpleGrid, Stack, Text } from '@mantine/core'
import { IconCube } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useTopic } from '../../live.ts'
import { useList } from '../../parts/list.ts'
import { ListPanel } from '../../parts/list-panel.tsx'
import { Page } from '../../parts/page.tsx'
import { Empty } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { sizeWords } from '../words.ts'
import { type Model, modelsKey, stateColors } from './data.ts'
import classes from './models.module.css'
import { Picture } from './picture.tsx'
import { UploadZone } from './upload-zone.tsx'

/** Where one begins: drop a file, see it become a model, open it. */
export function Models() {
  const { t } = useTranslation()
  const client = useQueryClient()
  useTopic('models', () => void client.invalidateQueries({ queryKey: modelsKey }))
  const list = useList({
    queryKey: [...modelsKey, 'list'],
    load: (cursor, signal) => forge.editor.listModels({ query: { ...cursor, limit: 24 }, signal }),
    every: 15_000,
  })
  return (
    <Page wide title={t('place.models')} about={t('shop.models.about')}>
      <UploadZone />
      <ListPanel
        list={list}
        empty={
          <Empty icon={IconCube} title={t('shop.models.none')}>
            {t('shop.models.noneAbout')}
          </Empty>
        }
      >
        {(models) => (
          <SimpleGrid
            component="ul"
            cols={{ base: 1, xs: 2, md: 3 }}
            spacing="md"
            p="md"
            m={0}
            className={classes.list!}
          >
            {models.map((model) => (
              <ModelCard key={model.modelId} model={model} />
            ))}
          </SimpleGrid>
        )}
      </ListPanel>
    </Page>
  )
}

function ModelCard({ model: { modelId, name, latest, createdAt } }: { model: Model }) {
  const { t } = useTranslation()
  return (
    <li>
      <Link to="/forge/models/$modelId" params={{ modelId }} className={`panel panel-link ${classes.card}`}>
        <Picture fileId={latest.thumbnailFileId} size={76} />
        <Stack gap={2} miw={0} flex={1}>
          <Text fw={600} truncate title={name}>
            {name}
          </Text>
          <Text size="sm" c="dimmed">
            {latest.report ? sizeWords(latest.report.sizeMm) : <When time={createdAt} />}
          </Text>
          <Box mt={4}>
            <Badge color={stateColors[latest.state]}>{t(`shop.modelState.${latest.state}`)}</Badge>
          </Box>
        </Stack>
      </Link>
    </li>
  )
}
