import { Alert, Box, Text, Title } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTitle } from '../parts/page.tsx'
import type { Words } from '../parts/problem.ts'

/** A heading and what is below it, for the pages before the door. */
export function Frame({
  title,
  about,
  children,
}: {
  title: string
  about?: ReactNode
  children?: ReactNode
}) {
  useTitle(title)
  return (
    <Box>
      <Title order={1} fz="1.75rem">
        {title}
      </Title>
      {about && (
        <Text c="dimmed" mt={8} component="div">
          {about}
        </Text>
      )}
      <Box mt="xl">{children}</Box>
    </Box>
  )
}

export function Refused({ words }: { words: Words | undefined }) {
  if (!words) return null
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      icon={<IconAlertTriangle size={20} />}
      title={words.title}
    >
      {words.detail}
    </Alert>
  )
}
