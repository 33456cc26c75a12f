import { Badge, Button, Group, MultiSelect, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { meKey, useMay, useMe } from '../me.ts'
import { useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { Loaded } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { renewNow } from '../session.ts'
import { type Listed, usersKey } from './user-list.ts'

/** One person, for administrators: account, roles, sessions, and the way out and in. */
export function UserPanel({ person }: { person: Listed }) {
  const { t } = useTranslation()
  const may = useMay()
  const key = ['auth', 'account', person.userId]
  const account = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) =>
      (await api.auth.listAccounts({ query: { userId: person.userId }, signal })).items[0] ?? null,
    enabled: may('auth:accounts'),
  })
  return (
    <Stack gap="xl">
      <Facts>
        <Fact name={t('field.username')}>@{person.username}</Fact>
        <Fact name={t('users.joined')}>
          <When time={person.createdAt} />
        </Fact>
        <Fact name={t('users.state')}>
          <Badge color={person.state === 'active' ? 'green' : 'gray'}>{t(`users.${person.state}One`)}</Badge>
        </Fact>
      </Facts>
      {may('auth:accounts') && (
        <Loaded query={account}>
          {(data) =>
            data && (
              <>
                <Facts>
                  <Fact name={t('field.email')}>
                    <span className="wrap-anywhere">{data.email}</span>{' '}
                    <Badge color={data.emailVerified ? 'green' : 'yellow'}>
                      {t(data.emailVerified ? 'email.verified' : 'email.notVerified')}
                    </Badge>
                  </Fact>
                  <Fact name={t('totp.title')}>{t(data.secondFactor ? 'totp.on' : 'totp.off')}</Fact>
                  <Fact name={t('passkey.title')}>{data.passkeys}</Fact>
                  <Fact name={t('users.lastSignIn')}>
                    {data.lastSignInAt ? <When time={data.lastSignInAt} /> : t('users.never')}
                  </Fact>
                </Facts>
                {may('auth:roles') && (
                  <RolesOf key={data.userId} userId={data.userId} roles={data.roles} accountKey={key} />
                )}
                <SessionsOf
                  userId={data.userId}
                  state={data.state}
                  reason={data.lockReason}
                  accountKey={key}
                />
              </>
            )
          }
        </Loaded>
      )}
      {may('users:manage') && <Activation person={person} />}
    </Stack>
  )
}

function RolesOf({
  userId,
  roles,
  accountKey,
}: {
  userId: string
  roles: readonly string[]
  accountKey: readonly unknown[]
}) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const me = useMe().data
  const all = useQuery({
    queryKey: ['auth', 'roles'],
    queryFn: ({ signal }) => api.auth.listRoles({ signal }),
  })
  const [chosen, setChosen] = useState(roles.filter((role) => role !== 'member'))
  const assign = useAction({
    run: () => api.auth.assignRoles({ params: { userId }, body: { roles: chosen } }),
    done: t('users.rolesSaved'),
    refresh: [['auth', 'roles']],
    onDone: (account) => {
      client.setQueryData(accountKey, account)
      if (userId === me?.userId) void renewNow().then(() => client.invalidateQueries({ queryKey: meKey }))
    },
  })
  const changed =
    [...chosen].sort().join() !==
    roles
      .filter((role) => role !== 'member')
      .sort()
      .join()
  return (
    <Stack gap="sm">
      <MultiSelect
        label={t('place.roles')}
        description={t('users.rolesAbout')}
        data={(all.data?.items ?? []).map((role) => role.name).filter((name) => name !== 'member')}
        value={chosen}
        onChange={setChosen}
        disabled={!all.data}
      />
      <Group justify="flex-end">
        <Button size="sm" disabled={!changed} loading={assign.isPending} onClick={() => assign.mutate()}>
          {t('action.save')}
        </Button>
      </Group>
    </Stack>
  )
}

function SessionsOf({
  userId,
  state,
  reason,
  accountKey,
}: {
  userId: string
  state: 'active' | 'locked'
  reason: string | undefined
  accountKey: readonly unknown[]
}) {
  const { t } = useTranslation()
  const own = useMe().data?.userId === userId
  const [asking, setAsking] = useState(false)
  const [why, setWhy] = useState('')
  const end = useAction({
    run: () => api.auth.revokeAccountSessions({ params: { userId } }),
    done: ({ revoked }) => t('session.othersEnded', { count: revoked }),
  })
  const lock = useAction({
    run: () => api.auth.lockAccount({ params: { userId }, body: { reason: why } }),
    done: t('users.locked'),
    refresh: [accountKey],
    onDone: () => setAsking(false),
  })
  const unlock = useAction({
    run: () => api.auth.unlockAccount({ params: { userId } }),
    done: t('users.unlocked'),
    refresh: [accountKey],
  })
  if (own) return null
  return (
    <Stack gap="sm">
      {state === 'locked' && (
        <Text size="sm" component="div">
          <Badge color="red">{t('users.lockedOne')}</Badge> {reason}
        </Text>
      )}
      <Group gap="sm">
        <Button variant="default" size="sm" loading={end.isPending} onClick={() => end.mutate()}>
          {t('users.endSessions')}
        </Button>
        {state === 'locked' ? (
          <Button variant="default" size="sm" loading={unlock.isPending} onClick={() => unlock.mutate()}>
            {t('users.unlock')}
          </Button>
        ) : (
          <Button variant="subtle" color="red" size="sm" onClick={() => setAsking(true)}>
            {t('users.lock')}
          </Button>
        )}
      </Group>
      <Confirm
        opened={asking}
        title={t('users.lock')}
        confirm={t('users.lock')}
        pending={lock.isPending}
        onConfirm={() => why.trim() && lock.mutate()}
        onClose={() => setAsking(false)}
      >
        <Stack>
          {t('users.lockAbout')}
          <TextInput
            label={t('users.lockReason')}
            required
            value={why}
            maxLength={200}
            onChange={(event) => setWhy(event.currentTarget.value)}
          />
        </Stack>
      </Confirm>
    </Stack>
  )
}

function Activation({ person }: { person: Listed }) {
  const { t } = useTranslation()
  const own = useMe().data?.userId === person.userId
  const [asking, setAsking] = useState(false)
  const active = person.state === 'active'
  const change = useAction({
    run: () =>
      (active ? api.users.deactivateUser : api.users.reactivateUser)({ params: { userId: person.userId } }),
    done: t(active ? 'users.deactivatedDone' : 'users.reactivatedDone'),
    refresh: [usersKey],
    onDone: () => setAsking(false),
  })
  if (own) return null
  return (
    <>
      {active ? (
        <Button variant="light" color="red" onClick={() => setAsking(true)}>
          {t('users.deactivate')}
        </Button>
      ) : (
        <Button variant="light" loading={change.isPending} onClick={() => change.mutate()}>
          {t('users.reactivate')}
        </Button>
      )}
      <Confirm
        opened={asking}
        title={t('users.deactivate')}
        confirm={t('users.deactivate')}
        pending={change.isPending}
        onConfirm={() => change.mutate()}
        onClose={() => setAsking(false)}
      >
        {t('users.deactivateAbout', { name: person.displayName })}
      </Confirm>
    </>
  )
}
