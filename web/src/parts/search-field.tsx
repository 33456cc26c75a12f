import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'

/** Narrows a list by what is typed; `label` says by what. */
export function SearchField({
  label,
  value,
  onChange,
  first = false,
}: {
  label: string
  value: string
  onChange: (value: string) => void
  /** Gets the focus when its dialog opens. */
  first?: boolean
}) {
  return (
    <TextInput
      w={{ base: '100%', xs: 340 }}
      type="search"
      leftSection={<IconSearch size={17} />}
      placeholder={label}
      aria-label={label}
      value={value}
      data-autofocus={first || undefined}
      autoFocus={first}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
