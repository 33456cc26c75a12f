import { Box, Group, Text, ThemeIcon } from '@mantine/core'
import type { ComponentType, ReactNode } from 'react'
import classes from './row.module.css'

/** One thing of a list: what it is, what is known of it, what can be done with it. */
export function Row({
  icon: Icon,
  title,
  about,
  children,
}: {
  icon: ComponentType<{ size?: number; stroke?: number }>
  title: ReactNode
  about?: ReactNode
  children?: ReactNode
}) {
  return (
    <Group component="li" className={classes.row} gap="md">
      <ThemeIcon variant="light" color="gray" size={40} radius="md">
        <Icon size={21} stroke={1.6} />
      </ThemeIcon>
      <Box className={classes.about}>
        <Box>{title}</Box>
        <Text size="sm" c="dimmed" component="div" className="wrap-anywhere">
          {about}
        </Text>
      </Box>
      {children && (
        <Group gap={4} wrap="nowrap" className={classes.actions}>
          {children}
        </Group>
      )}
    </Group>
  )
}
