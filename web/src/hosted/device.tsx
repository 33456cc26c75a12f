/** Where a person types the code that a device without a keyboard shows (RFC 8628). */
import { Alert, Button, Stack, Text, TextInput } from '@mantine/core'
import { IconCircleCheck, IconDeviceTv } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemWords } from '../parts/problem.ts'
import { Empty, Waiting } from '../parts/states.tsx'
import { Refused } from '../sign/frame.tsx'
import { type Brand, hosted } from './api.ts'
import { ScopeList } from './consent.tsx'
import { HostedPage } from './layout.tsx'

const route = getRouteApi('/oidc/$handle/device')
const doneRoute = getRouteApi('/oidc/$handle/device/done')
type Checked = Awaited<ReturnType<typeof hosted.checkDeviceCode>>

function useBrand(handle: string) {
  return useQuery({
    queryKey: ['hosted', 'device', handle],
    queryFn: ({ signal }) => hosted.getDevice({ params: { handle }, signal }),
  })
}

export function DevicePage() {
  const { t } = useTranslation()
  const words = useProblemWords()
  const { handle } = route.useParams()
  const { user_code: given } = route.useSearch()
  const brand = useBrand(handle)
  const [code, setCode] = useState(given ?? '')
  const check = useMutation({
    mutationFn: (userCode: string) => hosted.checkDeviceCode({ params: { handle }, body: { userCode } }),
  })
  if (brand.isPending || brand.isError)
    return (
      <HostedPage brand={undefined} title={t('hosted.device.title')}>
        {brand.isError ? <Refused words={words(brand.error)} /> : <Waiting rows={2} />}
      </HostedPage>
    )
  if (check.data) return <ConfirmDevice brand={brand.data.brand} checked={check.data} />
  return (
    <HostedPage brand={brand.data.brand} title={t('hosted.device.title')} about={t('hosted.device.about')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          check.mutate(code.trim())
        }}
      >
        <Stack gap="md">
          {check.isError && <Refused words={words(check.error)} />}
          <TextInput
            label={t('hosted.device.code')}
            size="lg"
            className="mono"
            value={code}
            maxLength={20}
            required
            withAsterisk={false}
            autoFocus
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            onChange={(event) => setCode(event.currentTarget.value.toUpperCase())}
          />
          <Button type="submit" size="md" fullWidth loading={check.isPending}>
            {t('hosted.device.next')}
          </Button>
        </Stack>
      </form>
    </HostedPage>
  )
}

/** The person compares what stands here with their device before going on: a code from a stranger must not pass. */
function ConfirmDevice({ brand, checked }: { brand: Brand; checked: Checked }) {
  const { t } = useTranslation()
  const form = useRef<HTMLFormElement>(null)
  const [chosen, setChosen] = useState<'go' | 'abort'>()
  // The hidden field must be there before the form leaves.
  useEffect(() => {
    if (chosen) form.current?.submit()
  }, [chosen])
  return (
    <HostedPage
      brand={brand}
      title={t('hosted.device.confirm', { app: checked.appName })}
      about={t('hosted.device.compare')}
    >
      <form ref={form} method="post" action={checked.form.action}>
        {Object.entries(checked.form.fields).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {chosen === 'abort' && <input type="hidden" name="abort" value="yes" />}
        <Stack gap="lg">
          <Text className="mono" fz="2rem" fw={640} ta="center" aria-label={t('hosted.device.code')}>
            {checked.userCode}
          </Text>
          {checked.scopes.length > 0 && <ScopeList scopes={checked.scopes} />}
          <Alert color="yellow" icon={<IconDeviceTv size={20} />}>
            {t('hosted.device.warning', { from: checked.requestedFrom })}
          </Alert>
          <Stack gap="xs">
            <Button size="md" fullWidth loading={chosen === 'go'} onClick={() => setChosen('go')}>
              {t('hosted.device.go')}
            </Button>
            <Button
              size="md"
              fullWidth
              variant="default"
              loading={chosen === 'abort'}
              onClick={() => setChosen('abort')}
            >
              {t('hosted.device.abort')}
            </Button>
          </Stack>
        </Stack>
      </form>
    </HostedPage>
  )
}

export function DeviceDone() {
  const { t } = useTranslation()
  const { handle } = doneRoute.useParams()
  const brand = useBrand(handle)
  return (
    <HostedPage brand={brand.data?.brand} title={t('hosted.device.done')}>
      <Empty icon={IconCircleCheck} title={t('hosted.device.doneTitle')}>
        {t('hosted.device.doneAbout')}
      </Empty>
    </HostedPage>
  )
}
