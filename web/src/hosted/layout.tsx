import { Anchor, Avatar, Badge, Box, Group, Text, Title, useComputedColorScheme } from '@mantine/core'
import type { CSSProperties, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useTitle } from '../parts/page.tsx'
import { LanguageButtons, SchemeButton } from '../shell/preference-buttons.tsx'
import { accentOf } from './accent.ts'
import type { Brand } from './api.ts'
import classes from './layout.module.css'

const DEFAULT_ACCENT = '#4b44c2'

/** The ground of a project's pages: its name, logo and colour, and one thing to do. Without a brand, nobody's. */
export function HostedPage({
  brand,
  title,
  about,
  wide = false,
  children,
}: {
  brand: Brand | undefined
  title: string
  about?: ReactNode
  wide?: boolean
  children?: ReactNode
}) {
  const { t } = useTranslation()
  useTitle(title, brand?.name)
  const dark = useComputedColorScheme('light') === 'dark'
  const accent = accentOf(brand?.accent ?? DEFAULT_ACCENT, dark)
  const colours = {
    '--mantine-primary-color-filled': accent.button,
    '--mantine-primary-color-filled-hover': accent.hover,
    '--mantine-primary-color-contrast': accent.onButton,
    '--mantine-color-anchor': accent.link,
  } as CSSProperties
  return (
    <div className={classes.frame} style={colours}>
      <header className={classes.top}>
        <Group gap={4}>
          <LanguageButtons />
          <SchemeButton />
        </Group>
      </header>
      <main id="content" className={classes.main}>
        {brand && (
          <div className={classes.brand}>
            <Avatar
              size={56}
              radius="lg"
              src={brand.logoUrl ?? null}
              name={brand.name}
              alt=""
              variant="filled"
              styles={{ placeholder: { background: accent.button, color: accent.onButton } }}
              aria-hidden
            />
            <Group gap={8} justify="center">
              <Text fw={640}>{brand.name}</Text>
              {brand.environment !== 'production' && <Badge color="yellow">{brand.environment}</Badge>}
            </Group>
          </div>
        )}
        <Box className={wide ? `${classes.card} ${classes.wide}` : classes.card}>
          <Box ta={wide ? undefined : 'center'} mb="lg">
            <Title order={1} fz="1.5rem" className="wrap-anywhere">
              {title}
            </Title>
            {about && (
              <Text c="dimmed" mt={6} component="div" className="wrap-anywhere">
                {about}
              </Text>
            )}
          </Box>
          {children}
        </Box>
      </main>
      <footer className={classes.foot}>
        {brand?.homeUrl && (
          <Anchor href={brand.homeUrl} size="xs" c="dimmed" rel="noopener">
            {t('hosted.home', { name: brand.name })}
          </Anchor>
        )}
        {brand?.supportEmail && (
          <Anchor href={`mailto:${brand.supportEmail}`} size="xs" c="dimmed">
            {t('hosted.support')}
          </Anchor>
        )}
      </footer>
    </div>
  )
}
