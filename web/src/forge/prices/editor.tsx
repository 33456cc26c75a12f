import { Alert, Anchor, Badge, Button, Group, List, Tabs, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LeaveGuard } from '../../parts/leave-guard.tsx'
import { Section } from '../../parts/page.tsx'
import classes from './book.module.css'
import { Compare } from './compare.tsx'
import type { Book } from './data.ts'
import { Finishes } from './finishes.tsx'
import { General } from './general.tsx'
import { History } from './history.tsx'
import { Materials } from './materials.tsx'
import { type ContentTab, contentTabs, tabOf } from './problems.ts'
import { Quantities } from './quantities.tsx'
import { Technologies } from './technologies.tsx'
import { useDraft } from './use-draft.ts'

const PROBLEMS_SHOWN = 8

/** The content of a version, to be read or, of a draft, to be changed; what it would change; who changed it. */
export function Editor({ book, onDirty }: { book: Book; onDirty: (dirty: boolean) => void }) {
  const { t } = useTranslation()
  const [tab, setTab] = useState<string>('technologies')
  const [material, setMaterial] = useState<number>()
  const fixed = book.state !== 'draft'
  const show = (field: string) => {
    const [list, index] = field.replace(/^book\./, '').split('.')
    setTab(tabOf(list!))
    if (list === 'materials' && index !== undefined) setMaterial(Number(index))
    // The tab and the panel are drawn first.
    setTimeout(() => {
      const found = document.querySelector<HTMLElement>(`[data-path="${CSS.escape(field)}"]`)
      ;(found ?? document.querySelector<HTMLElement>('[aria-invalid="true"]'))?.focus()
    }, 250)
  }
  const draft = useDraft(book, show)
  const { form, save, dirty } = draft
  useEffect(() => onDirty(dirty), [dirty, onDirty])
  const wrong = Object.entries(form.errors)
  const wrongOn = (one: ContentTab) =>
    wrong.filter(([field]) => field.startsWith('book.') && tabOf(field.slice(5)) === one).length
  return (
    <>
      {draft.conflict && <Conflict onTheirs={draft.takeTheirs} onMine={draft.keepMine} />}
      {wrong.length > 0 && (
        <Alert
          color="red"
          role="alert"
          icon={<IconAlertTriangle size={20} />}
          title={t('prices.wrongPlaces', { count: wrong.length })}
        >
          <List size="sm" spacing={4}>
            {wrong.slice(0, PROBLEMS_SHOWN).map(([field, words]) => (
              <List.Item key={field}>
                <Anchor component="button" type="button" size="sm" ta="start" onClick={() => show(field)}>
                  {t(`prices.tab.${field.startsWith('book.') ? tabOf(field.slice(5)) : 'general'}`)}: {words}
                </Anchor>
              </List.Item>
            ))}
          </List>
          {wrong.length > PROBLEMS_SHOWN && <Text size="sm">{t('prices.wrongMore')}</Text>}
        </Alert>
      )}
      <Tabs value={tab} onChange={(value) => setTab(value ?? 'technologies')} keepMounted={false}>
        <Tabs.List className={classes.tabs!} aria-label={t('prices.content')} mb="lg">
          {contentTabs.map((one) => (
            <Tabs.Tab
              key={one}
              value={one}
              rightSection={
                wrongOn(one) > 0 && (
                  <Badge color="red" size="sm" miw={22}>
                    {wrongOn(one)}
                  </Badge>
                )
              }
            >
              {t(`prices.tab.${one}`)}
            </Tabs.Tab>
          ))}
          {!book.inForce && <Tabs.Tab value="compare">{t('prices.tab.compare')}</Tabs.Tab>}
          <Tabs.Tab value="history">{t('prices.tab.history')}</Tabs.Tab>
        </Tabs.List>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            draft.submit()
          }}
        >
          <Content value="technologies" fixed={fixed}>
            <Technologies form={form} fixed={fixed} />
          </Content>
          <Tabs.Panel value="materials">
            <Section>
              <Materials form={form} fixed={fixed} opened={material} onOpen={setMaterial} />
            </Section>
          </Tabs.Panel>
          <Content value="finishes" fixed={fixed}>
            <Finishes form={form} fixed={fixed} />
          </Content>
          <Content value="quantities" fixed={fixed}>
            <Quantities form={form} fixed={fixed} />
          </Content>
          <Content value="general" fixed={fixed}>
            <General form={form} />
          </Content>
          {dirty && (
            <div className={classes.saving} style={{ marginTop: 16 }}>
              <Text fw={560} visibleFrom="xs">
                {t('prices.unsaved')}
              </Text>
              <Group gap="sm" wrap="nowrap">
                <Button variant="default" px="sm" onClick={draft.discard}>
                  {t('action.discard')}
                </Button>
                <Button type="submit" loading={save.isPending} disabled={draft.conflict}>
                  {t('action.save')}
                </Button>
              </Group>
            </div>
          )}
        </form>
        <Tabs.Panel value="compare">
          {dirty && <Alert mb="lg">{t('prices.saveFirst')}</Alert>}
          <Compare book={book} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <History book={book} />
        </Tabs.Panel>
      </Tabs>
      <LeaveGuard dirty={dirty && !save.isPending} />
    </>
  )
}

function Content({
  value,
  fixed,
  children,
}: {
  value: ContentTab
  fixed: boolean
  children: React.ReactNode
}) {
  return (
    <Tabs.Panel value={value}>
      <Section>
        <fieldset className={classes.fields} disabled={fixed}>
          {children}
        </fieldset>
      </Section>
    </Tabs.Panel>
  )
}

/** Somebody else saved meanwhile: nothing is overwritten or lost without a word. */
function Conflict({ onTheirs, onMine }: { onTheirs: () => void; onMine: () => void }) {
  const { t } = useTranslation()
  return (
    <Alert color="yellow" role="alert" title={t('errors.preconditionFailed')}>
      <Text size="sm" mb="sm">
        {t('prices.conflictAbout')}
      </Text>
      <Group gap="sm">
        <Button size="xs" variant="default" onClick={onTheirs}>
          {t('prices.takeTheirs')}
        </Button>
        <Button size="xs" variant="default" onClick={onMine}>
          {t('prices.keepMine')}
        </Button>
      </Group>
    </Alert>
  )
}
