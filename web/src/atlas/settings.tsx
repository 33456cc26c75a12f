import { Button, ColorInput, FileButton, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showAtFields, tellFailure, useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { FormButtons } from '../parts/form-buttons.tsx'
import { LeaveGuard } from '../parts/leave-guard.tsx'
import { Page, Section } from '../parts/page.tsx'
import { atlas } from './api.ts'
import { type Project, useMayHere, useProject } from './project.ts'
import { ProjectAvatar } from './project-avatar.tsx'

const LOGO_BYTES = 64 * 1024

export function ProjectSettings() {
  const { t } = useTranslation()
  const project = useProject()
  return (
    <Page title={t('atlas.tab.settings')} about={t('atlas.settings.about')}>
      {/* A form filled from another version would overwrite it. */}
      <Look key={project.version} project={project} />
      <Logo project={project} />
      <Rest project={project} />
      <End project={project} />
    </Page>
  )
}

function Look({ project }: { project: Project }) {
  const { t } = useTranslation()
  const may = useMayHere()('admin')
  const form = useForm({
    initialValues: {
      name: project.name,
      accent: project.accent,
      homeUrl: project.homeUrl ?? '',
      supportEmail: project.supportEmail ?? '',
    },
    validate: {
      name: (value) => (value.trim() === '' ? t('field.needed') : null),
      accent: (value) => (/^#[0-9a-f]{6}$/i.test(value) ? null : t('atlas.settings.accentBad')),
      homeUrl: (value) => (value === '' || /^https?:\/\/\S+$/.test(value) ? null : t('profile.linkBad')),
    },
  })
  const save = useAction({
    run: ({ name, accent, homeUrl, supportEmail }: typeof form.values) =>
      atlas.projects.updateProject({
        params: { projectId: project.projectId },
        body: {
          name: name.trim(),
          accent: accent.toLowerCase(),
          homeUrl: homeUrl.trim() || null,
          supportEmail: supportEmail.trim() || null,
        },
        ifMatch: String(project.version),
      }),
    done: t('atlas.saved'),
    refresh: [['projects']],
    onDone: () => form.resetDirty(),
    onFail: (error) => showAtFields(form, error),
  })
  return (
    <Section title={t('atlas.settings.look')} about={t('atlas.settings.lookAbout')}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <fieldset disabled={!may} style={{ border: 0, margin: 0, padding: 0 }}>
          <Stack>
            <TextInput
              label={t('field.name')}
              maxLength={80}
              required
              withAsterisk={false}
              {...form.getInputProps('name')}
            />
            <ColorInput
              label={t('atlas.settings.accent')}
              description={t('atlas.settings.accentAbout')}
              format="hex"
              // Mending on blur puts a colour back that was typed a moment before; what is wrong is said at Save.
              fixOnBlur={false}
              eyeDropperButtonProps={{ 'aria-label': t('atlas.settings.accentPick') }}
              swatches={[
                '#4263eb',
                '#1971c2',
                '#0c8599',
                '#2f9e44',
                '#e8590c',
                '#d6336c',
                '#7048e8',
                '#343a40',
              ]}
              {...form.getInputProps('accent')}
            />
            <TextInput
              label={t('atlas.settings.home')}
              placeholder="https://example.com"
              maxLength={300}
              {...form.getInputProps('homeUrl')}
            />
            <TextInput
              label={t('atlas.settings.support')}
              description={t('atlas.settings.supportAbout')}
              type="email"
              maxLength={254}
              {...form.getInputProps('supportEmail')}
            />
            {may && (
              <Group>
                <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
                  {t('action.save')}
                </Button>
              </Group>
            )}
          </Stack>
        </fieldset>
      </form>
      <LeaveGuard dirty={form.isDirty() && !save.isPending} />
    </Section>
  )
}

function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onerror = () => reject(reader.error)
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.readAsDataURL(file)
  })
}

function Logo({ project }: { project: Project }) {
  const { t } = useTranslation()
  const may = useMayHere()('admin')
  const params = { projectId: project.projectId }
  const ifMatch = String(project.version)
  const set = useAction({
    run: async (file: File) =>
      atlas.projects.setLogo({ params, ifMatch, body: { data: await base64(file) } }),
    done: t('atlas.saved'),
    refresh: [['projects']],
  })
  const remove = useAction({
    run: () => atlas.projects.removeLogo({ params, ifMatch }),
    done: t('atlas.saved'),
    refresh: [['projects']],
  })
  const [tooLarge, setTooLarge] = useState(false)
  return (
    <Section title={t('atlas.settings.logo')} about={t('atlas.settings.logoAbout')}>
      <Group>
        <ProjectAvatar project={project} size={72} alt={t('atlas.settings.logoOf', { name: project.name })} />
        {may && (
          <>
            <FileButton
              accept="image/png,image/jpeg,image/webp"
              onChange={(file) => {
                if (!file) return
                setTooLarge(file.size > LOGO_BYTES)
                if (file.size <= LOGO_BYTES) set.mutate(file)
              }}
              inputProps={{ 'aria-label': t('atlas.settings.logoChoose') }}
            >
              {(props) => (
                <Button {...props} variant="default" loading={set.isPending}>
                  {t('atlas.settings.logoChoose')}
                </Button>
              )}
            </FileButton>
            {project.logoUrl && (
              <Button variant="subtle" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
                {t('atlas.settings.logoRemove')}
              </Button>
            )}
          </>
        )}
      </Group>
      {tooLarge && (
        <Text c="var(--mantine-color-error)" size="sm" mt="sm" role="alert">
          {t('atlas.settings.logoTooLarge')}
        </Text>
      )}
    </Section>
  )
}

function Rest({ project }: { project: Project }) {
  const { t } = useTranslation()
  const may = useMayHere()('admin')
  const [asking, setAsking] = useState(false)
  const archive = useAction({
    run: () => atlas.projects.archiveProject({ params: { projectId: project.projectId } }),
    done: t('atlas.settings.archived'),
    refresh: [['projects']],
    onDone: () => setAsking(false),
  })
  if (!may) return null
  return (
    <Section
      title={t('atlas.settings.archive')}
      about={t('atlas.settings.archiveAbout')}
      actions={
        <Button variant="default" onClick={() => setAsking(true)}>
          {t('atlas.settings.archive')}
        </Button>
      }
    >
      <Confirm
        opened={asking}
        title={t('atlas.settings.archive')}
        confirm={t('atlas.settings.archive')}
        pending={archive.isPending}
        onConfirm={() => archive.mutate()}
        onClose={() => setAsking(false)}
      >
        {t('atlas.settings.archiveSure', { name: project.name })}
      </Confirm>
    </Section>
  )
}

function End({ project }: { project: Project }) {
  const { t } = useTranslation()
  const [asking, setAsking] = useState(false)
  const [typed, setTyped] = useState('')
  const end = useAction({
    run: () =>
      atlas.projects.deleteProject({ params: { projectId: project.projectId }, body: { slug: typed } }),
    refresh: [['projects']],
    onDone: () => setAsking(false),
    onFail: (error) => {
      tellFailure(error)
      return true
    },
  })
  if (project.role !== 'owner' || project.state === 'deleting') return null
  return (
    <Section
      title={t('atlas.settings.delete')}
      about={t('atlas.settings.deleteAbout')}
      actions={
        <Button
          color="red"
          variant="light"
          onClick={() => {
            setTyped('')
            setAsking(true)
          }}
        >
          {t('atlas.settings.delete')}
        </Button>
      }
    >
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('atlas.settings.delete')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault()
            end.mutate()
          }}
        >
          <Stack>
            <Text size="sm">{t('atlas.settings.deleteSure', { name: project.name })}</Text>
            <TextInput
              label={t('atlas.settings.deleteType', { slug: project.slug })}
              value={typed}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            <FormButtons
              danger
              submit={t('atlas.settings.delete')}
              pending={end.isPending}
              disabled={typed !== project.slug}
              onCancel={() => setAsking(false)}
            />
          </Stack>
        </form>
      </Modal>
    </Section>
  )
}
