import { Alert, Anchor, Button, Card, Group, Stack, Text } from '@mantine/core'
import { IconCopy, IconShieldCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Dataset } from '../api/bodies.ts'
import { part } from '../api/call.ts'
import { useBegin } from '../api/jobs.ts'
import { useMe } from '../api/me.ts'
import { at } from '../api/place.ts'
import { JobProgress } from '../jobs/job-progress.tsx'
import { browserOf } from '../parts/file-links.ts'
import { Folded } from '../parts/folded.tsx'
import { Moment } from '../parts/moment.tsx'
import { ServiceWords } from '../parts/service-words.tsx'
import { tellOfProblem } from '../parts/tell.tsx'
import { writeBytes, writeNumber } from '../words/write.ts'
import { CopyDialog } from './copy-dialog.tsx'
import { type DatasetState, webAddress } from './dataset-state.ts'
import { VerifiedSign } from './verified-sign.tsx'

/** One dataset: what it says of itself, whether it is as published, and the copy to one's own data. */
export function DatasetCard({ dataset, state }: { dataset: Dataset; state: DatasetState }) {
  const { t } = useTranslation()
  const { name, title, description, trouble, checksums } = dataset
  const { copying, verifying, verified, mayVerify } = state
  const [isAsked, setAsked] = useState(false)
  const begin = useBegin()
  const verify = () => begin.mutate({ path: `shared/datasets/${part(name)}/verify` }, { onError: tellOfProblem })
  return (
    <Card withBorder component="article" aria-label={title ?? name} data-dataset={name} padding="lg">
      <Stack gap="sm" h="100%">
        <Text component="h3" fw={600} size="lg" className="foreign" lineClamp={3}>
          {title ?? name}
        </Text>
        {description && (
          <Folded height={62}>
            <Text size="sm" className="foreign" style={{ whiteSpace: 'pre-line' }}>
              {description}
            </Text>
          </Folded>
        )}
        <Facts dataset={dataset} />
        {trouble && (
          <Alert color="yellow" variant="outline" title={t('datasets.trouble')}>
            <Text size="sm" lineClamp={6}>
              <ServiceWords>{trouble}</ServiceWords>
            </Text>
          </Alert>
        )}
        {!trouble && <VerifiedSign verified={verified} checksums={checksums} />}
        {copying && <JobProgress job={copying} label={t('datasets.copying')} />}
        {verifying && <JobProgress job={verifying} label={t('datasets.verifying')} />}
        {!copying && state.copied && <Copied {...state.copied} />}
        {state.failures.map(({ code, detail }) => (
          <Text key={code} size="sm" c="error" className="foreign" lineClamp={5}>
            <ServiceWords>{detail}</ServiceWords>{' '}
            <Anchor inherit underline="always" href={at(`problems/${code}`)} target="_blank">
              {code}
            </Anchor>
          </Text>
        ))}
        <Group mt="auto" gap="xs" pt="xs">
          <Button
            leftSection={<IconCopy size={16} />}
            disabled={copying !== null}
            aria-label={`${t('datasets.copy')}: ${title ?? name}`}
            onClick={() => setAsked(true)}
          >
            {t('datasets.copy')}
          </Button>
          {checksums > 0 && (
            <Button
              variant="default"
              leftSection={<IconShieldCheck size={16} />}
              disabled={!mayVerify}
              loading={begin.isPending}
              aria-label={`${t('datasets.verify')}: ${title ?? name}`}
              onClick={verify}
            >
              {t('datasets.verify')}
            </Button>
          )}
        </Group>
      </Stack>
      {isAsked && <CopyDialog dataset={dataset} onClose={() => setAsked(false)} />}
    </Card>
  )
}

function Facts({ dataset: { name, licence, source, size_bytes, files } }: { dataset: Dataset }) {
  const { t } = useTranslation()
  const address = source && webAddress(source)
  const size =
    size_bytes === null || files === null
      ? t('datasets.notCounted')
      : `${writeBytes(size_bytes)} · ${t('datasets.files', { count: files, shown: writeNumber(files) })}`
  return (
    <Text size="sm" c="dimmed" component="div" className="foreign">
      <Anchor component={Link} inherit href={`/console/files/shared/datasets/${part(name)}`}>
        shared/datasets/{name}
      </Anchor>
      <div>{size}</div>
      {licence && (
        <Text size="sm" inherit component="div" lineClamp={2}>
          {t('datasets.licence')}: {licence}
        </Text>
      )}
      {source && (
        <Text size="sm" inherit component="div" lineClamp={2}>
          {t('datasets.source')}:{' '}
          {address ? (
            <Anchor inherit underline="always" href={address} target="_blank" rel="noopener noreferrer">
              {source}
            </Anchor>
          ) : (
            source
          )}
        </Text>
      )}
    </Text>
  )
}

function Copied({ path, at: iso }: { path: string; at: string }) {
  const { t } = useTranslation()
  const { user_id } = useMe()
  const address = browserOf(path, user_id)
  return (
    <Text size="sm" className="foreign" component="div" data-copied>
      {t('datasets.copied')} <Moment iso={iso} />
      {address && (
        <>
          {': '}
          <Anchor component={Link} inherit underline="always" href={address}>
            {path.slice(`users/${user_id}/`.length)}
          </Anchor>
        </>
      )}
    </Text>
  )
}
