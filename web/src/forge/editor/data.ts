/** What the page of a model asks for. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTopic } from '../../live.ts'
import { forge } from '../api.ts'
import { modelsKey, type PrintOptions, type Version } from '../shop/data.ts'

export type OpenedModel = Awaited<ReturnType<typeof forge.editor.getModel>>
export type Report = NonNullable<Version['report']>
export type PriceJob = Awaited<ReturnType<typeof forge.mes.getPriceJob>>

const WORKING_MS = 3000

export const modelKey = (modelId: string) => [...modelsKey, 'one', modelId] as const

/** A model, live while it is worked on. */
export function useModel(modelId: string) {
  const client = useQueryClient()
  useTopic('models', (data) => {
    const other = typeof data === 'object' && data !== null && 'modelId' in data && data.modelId !== modelId
    if (!other) void client.invalidateQueries({ queryKey: modelKey(modelId) })
  })
  return useQuery({
    queryKey: modelKey(modelId),
    queryFn: ({ signal }) => forge.editor.getModel({ params: { modelId }, signal }),
    refetchInterval: ({ state }) => (state.data?.latest.state === 'processing' ? WORKING_MS : false),
  })
}

/** A version whole, with the places of its problems. */
export function useVersion(modelId: string, { version, state }: Version) {
  return useQuery({
    queryKey: [...modelKey(modelId), 'version', version, state],
    queryFn: ({ signal }) => forge.editor.getVersion({ params: { modelId, version }, signal }),
    enabled: state !== 'processing',
    staleTime: 600_000,
  })
}

export const sameOptions = (one: PrintOptions, other: PrintOptions): boolean =>
  (Object.keys(one) as (keyof PrintOptions)[]).every((key) => one[key] === other[key])

/** The newest of one's price requests for exactly this, such as the one that came with the upload. */
export function usePriceJob(modelId: string, version: number, options: PrintOptions | undefined) {
  const client = useQueryClient()
  const key = ['forge', 'jobs'] as const
  useTopic('price.job', () => void client.invalidateQueries({ queryKey: key }))
  const jobs = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => forge.mes.listPriceJobs({ query: { limit: 50 }, signal }),
    refetchInterval: ({ state }) =>
      state.data?.items.some((job) => job.state === 'queued' || job.state === 'working') ? WORKING_MS : false,
  })
  return jobs.data?.items.find(
    (job) =>
      job.modelId === modelId &&
      job.version === version &&
      options !== undefined &&
      sameOptions(options, job.options as PrintOptions),
  )
}
