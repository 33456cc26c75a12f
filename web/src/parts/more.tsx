import { Button, Center } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** The next page of a list, when there is one. */
export function More({
  query,
}: {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
}) {
  const { t } = useTranslation()
  if (!query.hasNextPage) return null
  return (
    <Center>
      <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {t('state.more')}
      </Button>
    </Center>
  )
}
