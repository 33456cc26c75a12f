/** The mesh of a version, in a worker of its own: read once for the viewer and the estimates. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { queryClient } from '../../api.ts'
import { fileLinkQuery } from '../shop/data.ts'
import type { Answers, Ask } from './mesh-worker.ts'

export interface MeshHandle {
  readonly ask: <Kind extends Ask['kind']>(ask: Extract<Ask, { kind: Kind }>) => Promise<Answers[Kind]>
}

interface Running extends MeshHandle {
  readonly stop: () => void
}

function start(): Running {
  const worker = new Worker(new URL('./mesh-worker.ts', import.meta.url), { type: 'module' })
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: unknown) => void }>()
  let last = 0
  worker.addEventListener('message', ({ data: { id, answer, error } }) => {
    const found = waiting.get(id)
    waiting.delete(id)
    if (error) found?.reject(new Error(error))
    else found?.resolve(answer as never)
  })
  worker.addEventListener('error', () => {
    for (const { reject } of waiting.values()) reject(new Error('The worker of the mesh failed'))
    waiting.clear()
  })
  return {
    ask: (ask) =>
      new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, ask })
      }),
    stop: () => worker.terminate(),
  }
}

/** The triangles of a mesh file and its worker; another file is another worker. */
export function useMesh(fileId: string | undefined) {
  const [handle, setHandle] = useState<{ fileId: string; mesh: Running }>()
  useEffect(() => {
    if (!fileId) return setHandle(undefined)
    const mesh = start()
    setHandle({ fileId, mesh })
    return () => {
      mesh.stop()
      queryClient.removeQueries({ queryKey: ['forge', 'mesh', fileId] })
    }
  }, [fileId])
  const mesh = handle?.fileId === fileId ? handle?.mesh : undefined
  const triangles = useQuery({
    queryKey: ['forge', 'mesh', fileId, mesh !== undefined],
    queryFn: async () => {
      const url = await queryClient.ensureQueryData(fileLinkQuery(fileId!))
      return mesh!.ask({ kind: 'load', url })
    },
    enabled: fileId !== undefined && mesh !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    structuralSharing: false,
  })
  return { mesh: triangles.data ? (mesh as MeshHandle) : undefined, triangles }
}
