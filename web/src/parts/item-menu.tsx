import { ActionIcon, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { type ReactNode, useRef } from 'react'

/** What can be done with one item of a list, behind one button; `label` says with which. */
export function ItemMenu({ label, children }: { label: string; children: ReactNode }) {
  const target = useRef<HTMLButtonElement>(null)
  return (
    <Menu position="bottom-end" returnFocus>
      <Menu.Target>
        <ActionIcon ref={target} variant="subtle" color="gray" size="lg" aria-label={label}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      {/* A dialog gives the focus back to where it was: to this button, as the item will be gone by then. */}
      <Menu.Dropdown onClickCapture={() => target.current?.focus({ preventScroll: true })}>
        {children}
      </Menu.Dropdown>
    </Menu>
  )
}
