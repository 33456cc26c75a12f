import { Button, Group, Modal, Stack, Text, Textarea, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../i18n/i18n.ts'
import { useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { Copy } from '../parts/secret.tsx'
import { Loaded } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { atlas } from './api.ts'
import { useMayConfigure, usePlace, useProject } from './project.ts'
import { type EndUserDetails, nameOf, UserState, useEndUser, userKey, usersKey } from './user-list.tsx'
import { Consents, Identities, Passkeys, Sessions } from './user-parts.tsx'

/** Everything about one end user, and what can be done. */
export function UserDetails({ endUserId, onGone }: { endUserId: string; onGone: () => void }) {
  const query = useEndUser(endUserId)
  return (
    <Loaded query={query}>
      {(person) => (
        <Stack gap="lg">
          <Known person={person} />
          <Actions person={person} onGone={onGone} />
          <Identities person={person} />
          <Passkeys person={person} />
          <Sessions endUserId={endUserId} />
          <Consents endUserId={endUserId} />
          <ConnectionsOf endUserId={endUserId} />
        </Stack>
      )}
    </Loaded>
  )
}

function Known({ person }: { person: EndUserDetails }) {
  const { t } = useTranslation()
  return (
    <Stack gap="sm">
      <Group>
        <UserState state={person.state} />
      </Group>
      <Facts>
        {person.blockedReason && <Fact name={t('atlas.users.blockedReason')}>{person.blockedReason}</Fact>}
        {person.email && (
          <Fact name={t('field.email')}>
            {person.email}
            {!person.emailVerified && ` (${t('atlas.users.unverified')})`}
          </Fact>
        )}
        <Fact name={t('atlas.users.hasPassword')}>
          {t(person.hasPassword ? 'atlas.users.yes' : 'atlas.users.no')}
        </Fact>
        <Fact name={t('atlas.users.lastSignIn')}>
          {person.lastSignInAt ? <When time={person.lastSignInAt} /> : t('atlas.users.never')}
        </Fact>
        <Fact name={t('atlas.users.since')}>
          <When time={person.createdAt} />
        </Fact>
        <Fact name={t('atlas.users.id')}>
          <Group gap={8}>
            <span className="mono wrap-anywhere">{person.endUserId}</span>
            <Copy value={person.endUserId} label={t('atlas.users.copyId')} />
          </Group>
        </Fact>
      </Facts>
    </Stack>
  )
}

function Actions({ person, onGone }: { person: EndUserDetails; onGone: () => void }) {
  const { t } = useTranslation()
  const place = usePlace()
  const may = useMayConfigure()
  const [open, setOpen] = useState<'block' | 'delete'>()
  const [reason, setReason] = useState('')
  const params = { ...place, endUserId: person.endUserId }
  const name = nameOf(person, t('atlas.users.noName'))
  const close = () => setOpen(undefined)
  const refresh = [usersKey(place), userKey(place, person.endUserId)]
  const mail = useAction({
    run: () => atlas.oidc.sendPasswordMail({ params, body: { locale: currentLanguage() } }),
    done: t('atlas.users.passwordMailed'),
  })
  const block = useAction({
    run: () => atlas.oidc.blockEndUser({ params, body: reason.trim() ? { reason: reason.trim() } : {} }),
    done: t('atlas.users.blocked'),
    refresh,
    onDone: close,
  })
  const unblock = useAction({
    run: () => atlas.oidc.unblockEndUser({ params }),
    done: t('atlas.users.unblocked'),
    refresh,
  })
  const remove = useAction({
    run: () => atlas.oidc.deleteEndUser({ params }),
    done: t('atlas.users.deleted'),
    // The list only: to ask about who is gone would fail.
    refresh: [usersKey(place), ['oauth']],
    onDone: onGone,
  })
  if (!may) return null
  return (
    <Group gap="sm">
      {person.email && (
        <Button variant="default" size="sm" loading={mail.isPending} onClick={() => mail.mutate()}>
          {t('atlas.users.passwordMail')}
        </Button>
      )}
      {person.state === 'blocked' ? (
        <Button variant="default" size="sm" loading={unblock.isPending} onClick={() => unblock.mutate()}>
          {t('atlas.users.unblock')}
        </Button>
      ) : (
        <Button
          variant="default"
          size="sm"
          onClick={() => {
            setReason('')
            setOpen('block')
          }}
        >
          {t('atlas.users.block')}
        </Button>
      )}
      <Button variant="subtle" color="red" size="sm" onClick={() => setOpen('delete')}>
        {t('atlas.users.delete')}
      </Button>
      <Modal
        opened={open === 'block'}
        onClose={close}
        title={t('atlas.users.block')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault()
            block.mutate()
          }}
        >
          <Stack>
            <Text size="sm">{t('atlas.users.blockAbout', { name })}</Text>
            <Textarea
              label={t('atlas.users.reason')}
              description={t('atlas.users.reasonAbout')}
              maxLength={500}
              autosize
              minRows={2}
              maxRows={6}
              data-autofocus
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t('action.cancel')}
              </Button>
              <Button type="submit" color="red" loading={block.isPending}>
                {t('atlas.users.block')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
      <Confirm
        opened={open === 'delete'}
        title={t('atlas.users.delete')}
        confirm={t('atlas.users.delete')}
        pending={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={close}
      >
        {t('atlas.users.deleteAbout', { name })}
      </Confirm>
    </Group>
  )
}

function ConnectionsOf({ endUserId }: { endUserId: string }) {
  const { t } = useTranslation()
  const { slug } = useProject()
  return (
    <Stack gap="xs" component="section">
      <Title order={3}>{t('atlas.users.connections')}</Title>
      <Text size="sm" c="dimmed">
        {t('atlas.users.connectionsAbout')}
      </Text>
      <Group>
        <Button
          variant="light"
          size="sm"
          renderRoot={(props) => (
            <Link
              to="/atlas/$slug/connections"
              params={{ slug }}
              search={({ env }) => ({ env, user: endUserId })}
              {...props}
            />
          )}
        >
          {t('atlas.users.connectionsShow')}
        </Button>
      </Group>
    </Stack>
  )
}
