import { Badge, Card, Group, Radio, Stack, Text } from '@mantine/core'
import { IconCheck, IconCloudDownload } from '@tabler/icons-react'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { Template } from '../api/bodies.ts'
import { writeBytes, writeList, writeNumber } from '../words/write.ts'

/**
 * One template to choose. Only the chosen one is a stop of the Tab key; arrow keys go on to the others. A template that the tier excludes
 * can be reached too, so that everybody can read why.
 */
export function TemplateCard({ template, isStop }: { template: Template; isStop: boolean }) {
  const { t } = useTranslation()
  const about = useId()
  const { name, description, type, image, packages, minimum_tier, allowed, resources } = template
  return (
    <Radio.Card
      value={name}
      aria-disabled={!allowed}
      aria-label={name}
      aria-describedby={about}
      tabIndex={isStop ? 0 : -1}
      radius="md"
      h="100%"
      style={allowed ? undefined : { cursor: 'not-allowed' }}
    >
      <Card withBorder={false} bg="transparent" h="100%">
        <Group wrap="nowrap" align="flex-start">
          <Radio.Indicator disabled={!allowed} />
          <Stack gap={6} style={{ minWidth: 0 }}>
            <Group gap="xs">
              <Text fw={600} className="foreign">
                {name}
              </Text>
              <Badge variant="default" size="sm">
                {type}
              </Badge>
            </Group>
            <Stack gap={6} id={about}>
              {!allowed && (
                <Text size="sm" fw={600}>
                  {t('create.notInTier', { tier: minimum_tier })}
                </Text>
              )}
              <Text size="sm" className="foreign">
                {description}
              </Text>
              {packages.length > 0 && (
                <Text size="sm" c="dimmed" className="foreign">
                  {t('create.packages', { packages: writeList(packages) })}
                </Text>
              )}
              <Text size="sm" c="dimmed">
                {t('create.takes', {
                  memory: writeBytes(resources.memory_bytes),
                  cores: t('environments.cores', {
                    count: resources.cpu_cores,
                    shown: writeNumber(resources.cpu_cores, 1),
                  }),
                })}
                {resources.gpus > 0 && ` · ${t('create.takesGpus', { count: resources.gpus })}`}
              </Text>
              <ImageSign template={template} />
            </Stack>
            <Text size="xs" c="dimmed" ff="monospace" className="foreign">
              {image}
            </Text>
          </Stack>
        </Group>
      </Card>
    </Radio.Card>
  )
}

/** Whether the engine has the image; nothing if it does not say so. */
function ImageSign({ template: { image_here, image_bytes } }: { template: Template }) {
  const { t } = useTranslation()
  if (image_here === null) return null
  const Icon = image_here ? IconCheck : IconCloudDownload
  return (
    <Text size="sm" c={image_here ? 'dimmed' : undefined} component="div">
      <Group gap={6} wrap="nowrap" align="flex-start">
        <Icon size={16} style={{ flex: 'none', marginTop: 3 }} aria-hidden />
        <span>
          {image_here
            ? [t('create.imageHere'), ...(image_bytes === null ? [] : [writeBytes(image_bytes)])].join(', ')
            : t('create.imageAway')}
        </span>
      </Group>
    </Text>
  )
}
