import {
  Alert,
  Badge,
  Box,
  Button,
  Drawer,
  Group,
  Select,
  Stack,
  Table,
  Tabs,
  Text,
  TextInput,
  UnstyledButton,
} from '@mantine/core'
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks'
import { IconInfoCircle, IconMailbox, IconSearch, IconSend } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { useMay } from '../me.ts'
import { useAction } from '../parts/actions.ts'
import { Fact, Facts } from '../parts/facts.tsx'
import { More } from '../parts/more.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Failed, Loaded, Waiting } from '../parts/states.tsx'
import { fullTime, When } from '../parts/time.tsx'
import { mailDocument } from './mail-document.ts'
import classes from './tables.module.css'

const states = ['queued', 'sending', 'sent', 'kept', 'failed'] as const
type State = (typeof states)[number]
const tones: Record<State, string> = {
  queued: 'yellow',
  sending: 'yellow',
  sent: 'green',
  kept: 'gray',
  failed: 'red',
}

export function Mail() {
  const { t } = useTranslation()
  const phone = useMediaQuery('(max-width: 48em)')
  const [typed, setTyped] = useState('')
  const [to] = useDebouncedValue(typed.trim(), 250)
  const [state, setState] = useState<State | null>(null)
  const [chosen, setChosen] = useState<string>()
  const list = useInfiniteQuery({
    queryKey: ['mails', to, state],
    queryFn: ({ pageParam, signal }) =>
      api.notifications.listMails({
        query: {
          ...(to ? { to } : {}),
          ...(state ? { state } : {}),
          ...(pageParam ? { cursor: pageParam } : {}),
        },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
  })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page wide title={t('place.mail')} about={t('placeAbout.mail')}>
      {list.data?.pages[0]?.smtp === false && (
        <Alert icon={<IconInfoCircle size={20} />} color="iris" title={t('mail.keptTitle')}>
          {t('mail.keptAbout')}
        </Alert>
      )}
      <Group gap="sm">
        <TextInput
          flex="1 1 240px"
          maw={380}
          type="search"
          leftSection={<IconSearch size={17} />}
          placeholder={t('mail.search')}
          aria-label={t('mail.search')}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Select
          w={180}
          clearable
          placeholder={t('mail.anyState')}
          aria-label={t('users.state')}
          value={state}
          onChange={(value) => setState(value as State | null)}
          data={states.map((value) => ({ value, label: t(`mail.${value}`) }))}
        />
      </Group>
      <Box component="section" className="panel" style={{ overflow: 'hidden' }} aria-busy={list.isFetching}>
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isPending && (
          <Box p="md">
            <Waiting rows={6} />
          </Box>
        )}
        {list.data && items.length === 0 && (
          <Empty icon={IconMailbox} title={t('mail.none')}>
            {t('mail.noneAbout')}
          </Empty>
        )}
        {items.length > 0 && (
          <Table highlightOnHover className={classes.table!}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('mail.subject')}</Table.Th>
                <Table.Th visibleFrom="sm">{t('mail.kind')}</Table.Th>
                <Table.Th visibleFrom="sm">{t('audit.when')}</Table.Th>
                <Table.Th>{t('users.state')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((item) => (
                <Table.Tr key={item.mailId} className={classes.row!}>
                  <Table.Td>
                    <UnstyledButton className={classes.open!} onClick={() => setChosen(item.mailId)}>
                      <Text fw={560} lineClamp={1} lang={item.locale}>
                        {item.subject}
                      </Text>
                      <Text size="sm" c="dimmed" className="wrap-anywhere">
                        {item.to}
                      </Text>
                    </UnstyledButton>
                  </Table.Td>
                  <Table.Td visibleFrom="sm">{item.kind}</Table.Td>
                  <Table.Td visibleFrom="sm">
                    <When time={item.createdAt} />
                  </Table.Td>
                  <Table.Td>
                    <Badge color={tones[item.state]}>{t(`mail.${item.state}`)}</Badge>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Box>
      <More query={list} />
      <Drawer
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        position={phone ? 'bottom' : 'right'}
        size={phone ? '92%' : 640}
        radius={phone ? 'lg' : 0}
        title={t('mail.one')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {chosen !== undefined && <OneMail id={chosen} />}
      </Drawer>
    </Page>
  )
}

function OneMail({ id }: { id: string }) {
  const { t } = useTranslation()
  const may = useMay()
  const mail = useQuery({
    queryKey: ['mails', 'one', id],
    queryFn: ({ signal }) => api.notifications.getMail({ params: { mailId: id }, signal }),
  })
  const resend = useAction({
    run: () => api.notifications.resendMail({ params: { mailId: id } }),
    done: t('mail.resent'),
    refresh: [['mails']],
  })
  return (
    <Loaded query={mail}>
      {(data) => (
        <Stack>
          <Facts>
            <Fact name={t('mail.subject')}>{data.subject}</Fact>
            <Fact name={t('mail.to')}>{data.to}</Fact>
            <Fact name={t('audit.when')}>{fullTime(data.createdAt)}</Fact>
            <Fact name={t('users.state')}>
              <Badge color={tones[data.state]}>{t(`mail.${data.state}`)}</Badge>
            </Fact>
            {data.error && <Fact name={t('mail.error')}>{data.error}</Fact>}
          </Facts>
          {data.masked && <Alert color="gray">{t('mail.masked')}</Alert>}
          <Tabs defaultValue="html" keepMounted={false}>
            <Tabs.List mb="sm">
              <Tabs.Tab value="html">{t('mail.rendered')}</Tabs.Tab>
              <Tabs.Tab value="text">{t('mail.text')}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="html">
              <Rendered html={data.html} title={data.subject} />
            </Tabs.Panel>
            <Tabs.Panel value="text">
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
              <pre className={classes.code} tabIndex={0}>
                {data.text}
              </pre>
            </Tabs.Panel>
          </Tabs>
          {may('mail:send') && data.state !== 'kept' && (
            <Button
              variant="default"
              leftSection={<IconSend size={17} />}
              loading={resend.isPending}
              onClick={() => resend.mutate()}
            >
              {t('mail.resend')}
            </Button>
          )}
        </Stack>
      )}
    </Loaded>
  )
}

/** The mail in a frame that can run nothing and reach nothing; links open in a new tab. */
function Rendered({ html, title }: { html: string; title: string }) {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
  return (
    <iframe
      className={classes.mail}
      title={title}
      sandbox="allow-popups allow-popups-to-escape-sandbox"
      srcDoc={mailDocument(html, nonce)}
    />
  )
}
