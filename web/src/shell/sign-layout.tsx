import { Anchor, Box, Group, Text } from '@mantine/core'
import { Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Constellation, Mark } from '../parts/logo.tsx'
import { LanguageButtons, SchemeButton } from './preference-buttons.tsx'
import classes from './sign-layout.module.css'

/** The frame of the pages before the door: the night sky beside one form. */
export function SignLayout() {
  const { t } = useTranslation()
  return (
    <div className={classes.frame}>
      <aside className={classes.sky}>
        <Group gap={10} className={classes.name}>
          <Mark size={30} />
          <span>Pleiad</span>
        </Group>
        <Constellation className={classes.stars} />
        <Box className={classes.words}>
          <Text className={classes.tagline}>{t('sky.tagline')}</Text>
          <Text className={classes.more}>{t('sky.more')}</Text>
        </Box>
      </aside>
      <div className={classes.side}>
        <header className={classes.top}>
          <Group gap={8} className={classes.smallName}>
            <Mark size={26} />
            <Text fw={680}>Pleiad</Text>
          </Group>
          <Group gap={4} ml="auto">
            <LanguageButtons />
            <SchemeButton />
          </Group>
        </header>
        <main id="content" className={classes.main}>
          <Box w="100%" maw={400}>
            <Outlet />
          </Box>
        </main>
        <footer className={classes.foot}>
          <Anchor href="/docs" size="xs" c="dimmed">
            {t('sky.api')}
          </Anchor>
        </footer>
      </div>
    </div>
  )
}
