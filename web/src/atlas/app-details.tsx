import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { Copy } from '../parts/secret.tsx'
import { When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { AppForm } from './app-form.tsx'
import { type App, appsKey } from './app-list.ts'
import { handleOf, useMayConfigure, usePlace, useProject } from './project.ts'
import { Rotate } from './rotate.tsx'

const HOUR = 3600

/** An app whole: what its developer needs, and what can be done with it. */
export function AppDetails({ app, onGone }: { app: App; onGone: () => void }) {
  const { t } = useTranslation()
  const place = usePlace()
  const { slug } = useProject()
  const may = useMayConfigure()
  const [open, setOpen] = useState<'change' | 'rotate' | 'delete'>()
  const params = { ...place, appId: app.appId }
  const close = () => setOpen(undefined)
  const remove = useAction({
    run: () => atlas.oidc.deleteApp({ params }),
    done: t('atlas.apps.deleted'),
    refresh: [appsKey(place)],
    onDone: onGone,
  })
  const issuer = `${window.location.origin}/oidc/${handleOf(slug, place.environment)}`
  return (
    <Stack>
      <Facts>
        <Fact name="client_id">
          <Copyable text={app.appId} label={t('atlas.apps.copyId')} />
        </Fact>
        <Fact name="issuer">
          <Copyable text={issuer} label={t('atlas.environments.copy')} />
        </Fact>
        {app.hasSecret && (
          <Fact name="client_secret">
            <span className="mono">…{app.secretHint}</span>
            {app.previousSecretUntil && Date.parse(app.previousSecretUntil) > Date.now() && (
              <Text size="sm" c="dimmed">
                {t('atlas.keys.previousUntil')} <When time={app.previousSecretUntil} />
              </Text>
            )}
          </Fact>
        )}
        {app.redirectUris.length > 0 && (
          <Fact name={t('atlas.apps.redirects')}>
            <Lines items={app.redirectUris} />
          </Fact>
        )}
        {app.postLogoutRedirectUris.length > 0 && (
          <Fact name={t('atlas.apps.logouts')}>
            <Lines items={app.postLogoutRedirectUris} />
          </Fact>
        )}
        {app.scopes.length > 0 && <Fact name={t('atlas.apps.scopes')}>{app.scopes.join(', ')}</Fact>}
        <Fact name={t('atlas.apps.grants')}>
          <Lines items={app.grantTypes} />
        </Fact>
        <Fact name={t('atlas.apps.changed')}>
          <When time={app.changedAt} />
        </Fact>
      </Facts>
      <Group>
        <Button
          variant="light"
          renderRoot={(props) => (
            <Link
              to="/atlas/$slug/quick-start"
              params={{ slug }}
              search={(old) => ({ ...old, app: app.appId })}
              {...props}
            />
          )}
        >
          {t('atlas.tab.quickStart')}
        </Button>
        {may && (
          <>
            <Button variant="default" onClick={() => setOpen('change')}>
              {t('atlas.change')}
            </Button>
            {app.hasSecret && (
              <Button variant="default" onClick={() => setOpen('rotate')}>
                {t('atlas.apps.rotate')}
              </Button>
            )}
            <Button variant="subtle" color="red" onClick={() => setOpen('delete')}>
              {t('atlas.apps.delete')}
            </Button>
          </>
        )}
      </Group>
      <Modal
        opened={open === 'change'}
        onClose={close}
        size="lg"
        title={app.name}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open === 'change' && <AppForm key={app.version} app={app} onClose={close} />}
      </Modal>
      <Modal
        opened={open === 'rotate'}
        onClose={close}
        title={t('atlas.apps.rotate')}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open === 'rotate' && (
          <Rotate
            about={t('atlas.apps.rotateAbout')}
            confirm={t('atlas.apps.rotate')}
            run={async (seconds) => {
              const made = await atlas.oidc.rotateAppSecret({
                params,
                body: { overlapHours: Math.round(seconds / HOUR) },
              })
              return { secret: made.clientSecret ?? '' }
            }}
            refresh={appsKey(place)}
            onClose={close}
          />
        )}
      </Modal>
      <Confirm
        opened={open === 'delete'}
        title={t('atlas.apps.delete')}
        confirm={t('atlas.apps.delete')}
        pending={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={close}
      >
        {t('atlas.apps.deleteAbout', { name: app.name })}
      </Confirm>
    </Stack>
  )
}

function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <Group gap={8}>
      <span className="mono wrap-anywhere">{text}</span>
      <Copy value={text} label={label} />
    </Group>
  )
}

function Lines({ items }: { items: readonly string[] }) {
  return (
    <Stack gap={2}>
      {items.map((item) => (
        <span key={item} className="mono wrap-anywhere">
          {item}
        </span>
      ))}
    </Stack>
  )
}
