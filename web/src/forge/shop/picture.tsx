import { IconCube } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { fileLinkQuery } from './data.ts'
import classes from './models.module.css'

/** A small picture of a model or item; a cube where there is none. What it shows is said beside it. */
export function Picture({ fileId, size }: { fileId: string | undefined; size: number }) {
  const link = useQuery({ ...fileLinkQuery(fileId ?? '', true), enabled: fileId !== undefined })
  return <Frame src={link.data} size={size} />
}

/** The same of an item on the shelf, whose pictures are open to everybody. */
export function ItemPicture({ fileId, size }: { fileId: string | undefined; size: number }) {
  return <Frame src={fileId && `/shop/pictures/${fileId}`} size={size} />
}

function Frame({ src, size }: { src: string | undefined; size: number }) {
  return (
    <div className={classes.picture} style={{ width: size, height: size }}>
      {src ? (
        <img src={src} alt="" loading="lazy" width={size} height={size} />
      ) : (
        <IconCube size={size / 2.2} stroke={1.3} aria-hidden />
      )}
    </div>
  )
}
