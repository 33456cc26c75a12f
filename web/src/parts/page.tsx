import { Box, Group, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import classes from './page.module.css'

/** Sets the tab's title while it is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Pleiad`
  }, [title])
}

/** A page's frame: its heading, one line on what it is for, and what can be done with all of it. */
export function Page({
  title,
  about,
  actions,
  children,
  wide = false,
}: {
  title: string
  about?: string
  actions?: ReactNode
  children: ReactNode
  wide?: boolean
}) {
  useTitle(title)
  return (
    <Box maw={wide ? 1240 : 820} mx="auto" w="100%">
      <Group justify="space-between" align="flex-end" mb="xl" gap="md">
        <Box maw={640}>
          <Title order={1}>{title}</Title>
          {about && (
            <Text c="dimmed" mt={6} style={{ textWrap: 'pretty' }}>
              {about}
            </Text>
          )}
        </Box>
        {actions && <Group gap="sm">{actions}</Group>}
      </Group>
      <Stack gap="lg">{children}</Stack>
    </Box>
  )
}

/** One subject of a page, on its own ground. */
export function Section({
  title,
  about,
  actions,
  children,
}: {
  title?: string
  about?: ReactNode
  actions?: ReactNode
  children?: ReactNode
}) {
  return (
    <Box component="section" className="panel" p={{ base: 'md', sm: 'lg' }}>
      {(title || actions) && (
        <Group justify="space-between" align="flex-start" gap="md">
          <Box flex="1 1 260px">
            {title && <Title order={2}>{title}</Title>}
            {about && (
              <Text c="dimmed" size="sm" mt={4} component="div">
                {about}
              </Text>
            )}
          </Box>
          {actions && <Group gap="sm">{actions}</Group>}
        </Group>
      )}
      <div className={classes.body}>{children}</div>
    </Box>
  )
}
