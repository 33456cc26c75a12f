import { Box, Group, Stack, Text, Title } from '@mantine/core'
import { createContext, type ReactNode, useContext, useEffect } from 'react'
import classes from './page.module.css'

/** Sets the tab's title while it is shown. */
export function useTitle(title: string, site = 'Pleiad'): void {
  useEffect(() => {
    document.title = `${title} · ${site}`
  }, [title, site])
}

/** The name of what the pages below are of, such as a project: it stands in their titles, and they begin where its head does. */
export const PagesOf = createContext<string | undefined>(undefined)

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
  const of = useContext(PagesOf)
  useTitle(title, of)
  return (
    <Box maw={wide ? 1240 : 820} mx={of === undefined ? 'auto' : 0} w="100%">
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
