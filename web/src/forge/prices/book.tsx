import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconArrowLeft, IconCoins, IconCopy, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { isProblem } from '../../parts/problem.ts'
import { Empty, Failed, Waiting } from '../../parts/states.tsx'
import { fullTime } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import { Only } from '../only.tsx'
import { BookState } from './books.tsx'
import { type Book, bookQuery, booksKey, manage } from './data.ts'
import { Editor } from './editor.tsx'
import { NewDraft } from './new-draft.tsx'
import { Publish } from './publish.tsx'

const route = getRouteApi('/app/forge/prices/$version')

/** One version of the price book. */
export function BookPage() {
  const { t } = useTranslation()
  const { version } = route.useParams()
  return (
    <Only permission={manage} title={t('prices.named', { version })} about={t('prices.forbidden')}>
      <Found key={version} version={Number(version)} />
    </Only>
  )
}

function Found({ version }: { version: number }) {
  const { t } = useTranslation()
  const known = Number.isInteger(version) && version > 0 && version <= 1_000_000
  const book = useQuery({ ...bookQuery(version), enabled: known })
  const gone = !known || isProblem(book.error, 'notFound')
  if (book.data && !gone) return <Opened book={book.data} />
  return (
    <Page wide title={gone ? t('prices.gone') : t('prices.named', { version })}>
      {gone ? (
        <Section>
          <Empty icon={IconCoins} title={t('prices.gone')} action={<Back />}>
            {t('prices.goneAbout')}
          </Empty>
        </Section>
      ) : book.isError ? (
        <Failed error={book.error} retry={() => void book.refetch()} />
      ) : (
        <Waiting rows={5} height={80} />
      )}
    </Page>
  )
}

function Back() {
  const { t } = useTranslation()
  return (
    <Anchor renderRoot={(props) => <Link to="/forge/prices" {...props} />}>
      <Group gap={6} component="span">
        <IconArrowLeft size={16} aria-hidden />
        {t('prices.all')}
      </Group>
    </Anchor>
  )
}

function Opened({ book }: { book: Book }) {
  const { t } = useTranslation()
  const [dirty, setDirty] = useState(false)
  const [publishing, publish] = useDisclosure()
  const [copying, copy] = useDisclosure()
  const draft = book.state === 'draft'
  return (
    <Page
      wide
      title={t('prices.title', { version: book.version })}
      about={book.note}
      actions={
        <>
          {draft && <Remove book={book} />}
          <Button variant="default" leftSection={<IconCopy size={18} />} onClick={copy.open}>
            {t('prices.copy')}
          </Button>
          {!book.inForce && (
            <Button onClick={publish.open} disabled={dirty}>
              {t(draft ? 'prices.publish' : 'prices.publishAgain')}
            </Button>
          )}
        </>
      }
    >
      <Group justify="space-between" align="flex-start">
        <Back />
        <Stack gap={4} align="flex-end">
          <BookState book={book} />
          {book.periods.map(({ from, until }) => (
            <Text key={from} size="sm" c="dimmed">
              {t(until ? 'prices.fromUntil' : 'prices.from', {
                from: fullTime(from),
                until: until ? fullTime(until) : '',
              })}
            </Text>
          ))}
        </Stack>
      </Group>
      {!draft && (
        <Alert color="gray" role="note">
          {t('prices.readOnly')}
        </Alert>
      )}
      <Editor book={book} onDirty={setDirty} />
      <Publish book={book} opened={publishing} onClose={publish.close} />
      <NewDraft from={book.version} opened={copying} onClose={copy.close} />
    </Page>
  )
}

function Remove({ book }: { book: Book }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [asking, ask] = useDisclosure()
  const remove = useAction({
    run: () => forge.mes.removeBook({ params: { version: book.version } }),
    done: t('prices.draftRemoved'),
    refresh: [[...booksKey, 'list']],
    onDone: () => {
      ask.close()
      void navigate({ to: '/forge/prices', ignoreBlocker: true })
    },
  })
  return (
    <>
      <Button variant="subtle" color="red" leftSection={<IconTrash size={18} />} onClick={ask.open}>
        {t('prices.removeDraft')}
      </Button>
      <Confirm
        opened={asking}
        title={t('prices.removeDraft')}
        confirm={t('prices.removeDraft')}
        pending={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={ask.close}
      >
        {t('prices.removeDraftAbout', { version: book.version })}
      </Confirm>
    </>
  )
}
