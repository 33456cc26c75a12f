import { Drawer } from '@mantine/core'
import { useMediaQuery, useWindowEvent } from '@mantine/hooks'
import { type ReactNode, useRef } from 'react'
import { useTranslation } from 'react-i18next'

/** One thing of a list whole, beside the list; on a phone it comes from below. */
export function SidePanel({
  opened,
  title,
  size = 560,
  onClose,
  children,
}: {
  opened: boolean
  title: ReactNode
  /** Width in pixels, where there is room. */
  size?: number
  onClose: () => void
  children: ReactNode
}) {
  const { t } = useTranslation()
  const phone = useMediaQuery('(max-width: 48em)')
  const content = useRef<HTMLDivElement>(null)
  // Escape closes what lies on top: a dialog that was opened from here, or an open list of choices, comes first.
  useWindowEvent(
    'keydown',
    ({ key, isComposing, target }) => {
      if (key !== 'Escape' || isComposing || !opened) return
      if ((target as Element | null)?.getAttribute('data-mantine-stop-propagation') === 'true') return
      const dialogs = document.querySelectorAll('[role="dialog"][aria-modal="true"]')
      if (content.current?.contains(dialogs[dialogs.length - 1] ?? null)) onClose()
    },
    { capture: true },
  )
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      closeOnEscape={false}
      ref={content}
      position={phone ? 'bottom' : 'right'}
      size={phone ? '90%' : size}
      radius={phone ? 'lg' : 0}
      title={title}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {children}
    </Drawer>
  )
}
