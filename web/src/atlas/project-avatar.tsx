import { Avatar } from '@mantine/core'
import { contrast } from '../hosted/accent.ts'

/** Letters on the accent: whichever of the two can be read better. */
const inkOn = (accent: string) =>
  contrast(accent, '#ffffff') >= contrast(accent, '#000000') ? '#fff' : '#000'

/** A project's logo, or the first letters of its name on its colour. */
export function ProjectAvatar({
  project,
  size,
  alt,
}: {
  project: { readonly name: string; readonly accent?: string; readonly logoUrl?: string }
  size: number
  /** Where the name does not stand beside it. */
  alt?: string
}) {
  const { name, accent, logoUrl } = project
  return (
    <Avatar
      size={size}
      radius={size > 60 ? 'lg' : 'md'}
      src={logoUrl ?? null}
      name={name}
      color="iris"
      aria-hidden={alt === undefined}
      {...(alt === undefined ? {} : { alt })}
      {...(accent && !logoUrl
        ? { styles: { placeholder: { backgroundColor: accent, color: inkOn(accent), borderColor: accent } } }
        : {})}
    />
  )
}
