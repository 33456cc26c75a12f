import { Box, Button, Center, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Mark } from '../parts/logo.tsx'
import { Failed, Waiting } from '../parts/states.tsx'

export function NotFound() {
  const { t } = useTranslation()
  return (
    <Center component="main" mih="70dvh" p="lg">
      <Stack align="center" gap="sm" ta="center">
        <Box c="iris">
          <Mark size={56} />
        </Box>
        <Title order={1}>{t('notFound.title')}</Title>
        <Text c="dimmed" maw={360}>
          {t('notFound.about')}
        </Text>
        <Button mt="md" renderRoot={(props) => <Link to="/" {...props} />}>
          {t('notFound.home')}
        </Button>
      </Stack>
    </Center>
  )
}

export function PagePending() {
  return (
    <Box maw={820} mx="auto" w="100%" p="md">
      <Waiting rows={3} height={96} />
    </Box>
  )
}

export function PageFailed({ error, reset }: { error: unknown; reset: () => void }) {
  return (
    <Box maw={640} mx="auto" p="lg">
      <Failed error={error} retry={reset} />
    </Box>
  )
}
