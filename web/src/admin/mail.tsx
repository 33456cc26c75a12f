import { Alert, Badge, Button, Group, Select, Stack, Tabs, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconInfoCircle, IconMailbox, IconSend } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { useMay } from '../me.ts'
import { useAction } from '../parts/actions.ts'
import { CodeBlock } from '../parts/code-block.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { ItemTable } from '../parts/item-table.tsx'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { SidePanel } from '../parts/side-panel.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import { fullTime, When } from '../parts/time.tsx'
import classes from './mail.module.css'
import { mailDocument } from './mail-document.ts'

const states = ['queued', 'sending', 'sent', 'kept', 'failed'] as const
type State = (typeof states)[number]
const tones: Record<State, string> = {
  queued: 'yellow',
  sending: 'yellow',
  sent: 'green',
  kept: 'gray',
  failed: 'red',
}

/** Every mail the system wrote, as its receiver sees it. */
export function Mail() {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [to] = useDebouncedValue(typed.trim(), 250)
  const [state, setState] = useState<State | null>(null)
  const [chosen, setChosen] = useState<string>()
  const list = useList({
    queryKey: ['mails', to, state],
    load: (cursor, signal) =>
      api.notifications.listMails({
        query: { ...(to ? { to } : {}), ...(state ? { state } : {}), ...cursor },
        signal,
      }),
  })
  const clear = () => {
    setTyped('')
    setState(null)
  }
  return (
    <Page wide title={t('place.mail')} about={t('placeAbout.mail')}>
      {list.query.data?.pages[0]?.smtp === false && (
        <Alert icon={<IconInfoCircle size={20} />} color="iris" title={t('mail.keptTitle')}>
          {t('mail.keptAbout')}
        </Alert>
      )}
      <Group gap="sm">
        <SearchField label={t('mail.search')} value={typed} onChange={setTyped} />
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
      <ListPanel
        list={list}
        empty={
          <Empty
            icon={IconMailbox}
            title={t('mail.none')}
            action={
              (to || state) && (
                <Button variant="default" onClick={clear}>
                  {t('state.clearFilters')}
                </Button>
              )
            }
          >
            {t('mail.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <ItemTable
            items={items}
            idOf={(item) => item.mailId}
            onOpen={(item) => setChosen(item.mailId)}
            columns={[
              {
                title: t('mail.subject'),
                cell: (item) => (
                  <>
                    <Text fw={560} lineClamp={1} lang={item.locale}>
                      {item.subject}
                    </Text>
                    <Text size="sm" c="dimmed" className="wrap-anywhere">
                      {item.to}
                    </Text>
                  </>
                ),
              },
              { title: t('mail.kind'), from: 'sm', cell: (item) => item.kind },
              { title: t('audit.when'), from: 'sm', cell: (item) => <When time={item.createdAt} /> },
              {
                title: t('users.state'),
                cell: (item) => <Badge color={tones[item.state]}>{t(`mail.${item.state}`)}</Badge>,
              },
            ]}
          />
        )}
      </ListPanel>
      <SidePanel
        opened={chosen !== undefined}
        title={t('mail.one')}
        size={640}
        onClose={() => setChosen(undefined)}
      >
        {chosen !== undefined && <OneMail id={chosen} />}
      </SidePanel>
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
              <CodeBlock text={data.text} />
            </Tabs.Panel>
          </Tabs>
          {may('mail:send') && data.resendable && (
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
