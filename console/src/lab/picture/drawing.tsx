import './picture.css'
import {
  IconAlertTriangle,
  IconBox,
  IconBrandDocker,
  IconCheck,
  IconDatabase,
  IconFolder,
  IconFolderOff,
  IconQuestionMark,
  IconServer,
  IconX,
} from '@tabler/icons-react'
import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { writeBytes, writeNumber } from '../../words/write.ts'
import { fitted } from './fit.ts'
import { type Box, layoutOf, type Route } from './layout.ts'
import {
  type DrawnEnvironment,
  type Folder,
  folders,
  type Line,
  type Picture,
  type State,
  stateOfRest,
} from './picture.ts'
import { wordsOfPart } from './words.ts'

const signs: Record<State, typeof IconCheck> = {
  proven: IconCheck,
  broken: IconX,
  warning: IconAlertTriangle,
  unknown: IconQuestionMark,
}
const monospace = 7.3
const plain = 7

/** The data root, everything that uses it, and the five parts of the proof between them. */
export function Drawing({ picture, width }: { picture: Picture; width: number }) {
  const { t } = useTranslation()
  const id = useId()
  const layout = layoutOf(width, picture.environments)
  const { disk, backend, engine } = picture
  return (
    <svg
      className="picture"
      width={layout.width}
      height={layout.height}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      role="img"
      aria-labelledby={`${id}-title ${id}-words`}
      data-headline={picture.headline}
    >
      <title id={`${id}-title`}>{t('labPage.pictureTitle')}</title>
      <desc id={`${id}-words`}>{picture.lines.map((line) => wordsOfPart(t, line)).join(' ')}</desc>
      {picture.lines.map((line) => (
        <PartLine key={line.part} line={line} route={layout.routes[line.part]} />
      ))}
      <Frame box={layout.disk} state={disk.state} icon={IconDatabase} title={t('labPage.dataRoot')} path={disk.path}>
        <RoomBar box={layout.disk} room={disk.room} />
      </Frame>
      {picture.folders.map(({ name, state }) => (
        <FolderBox key={name} name={name} state={state} box={layout.folders[name]} />
      ))}
      <Frame
        box={layout.backend}
        state={backend.state}
        icon={IconServer}
        title={t('labPage.backend')}
        path={backend.path}
      />
      <Frame
        box={layout.engine}
        state={engine.state}
        icon={IconBrandDocker}
        title={t('labPage.engine')}
        path={engine.isAway ? t('labPage.engineAway') : (engine.path ?? '–')}
      />
      <Frame
        box={layout.environments}
        state={worst(picture)}
        icon={IconBox}
        title={t('labPage.environments', { count: picture.environments.total })}
      />
      <Tiles picture={picture} tiles={layout.tiles} />
    </svg>
  )
}

function worst({ environments: { drawn, total } }: Picture): State {
  if (total === 0) return 'unknown'
  return drawn[0]?.state ?? 'unknown'
}

type FrameProps = {
  box: Box
  state: State
  icon: typeof IconCheck
  title: string
  path?: string
  children?: ReactNode
}

function Frame({ box: { x, y, width, height }, state, icon: Icon, title, path, children }: FrameProps) {
  return (
    <g className={`thing ${state}`}>
      <rect className="frame" x={x + 1} y={y + 1} width={width - 2} height={height - 2} rx={14} />
      <Icon x={x + 14} y={y + 14} size={20} stroke={1.6} aria-hidden />
      <text className="title" x={x + 42} y={y + 29}>
        {fitted(title, width - 54, plain + 1)}
      </text>
      {path !== undefined && (
        <text className="path foreign" x={x + 14} y={y + 58}>
          {fitted(path, width - 26, monospace, 'end')}
        </text>
      )}
      {children}
    </g>
  )
}

function RoomBar({ box: { x, y, width }, room }: { box: Box; room: Picture['disk']['room'] }) {
  const { t } = useTranslation()
  if (!room) return null
  const share = room.totalBytes > 0 ? room.usedBytes / room.totalBytes : 0
  const whole = width - 28
  const words = t('labPage.free', { bytes: writeBytes(room.totalBytes - room.usedBytes) })
  return (
    <>
      <text className="small end" x={x + width - 14} y={y + 29}>
        {width > 250 ? words : ''}
      </text>
      <rect className="room" x={x + 14} y={y + 70} width={whole} height={6} rx={3} />
      <rect
        className={share > 0.9 ? 'used full' : 'used'}
        x={x + 14}
        y={y + 70}
        width={Math.max(6, whole * share)}
        height={6}
        rx={3}
      >
        <title>{`${words}, ${writeNumber(share * 100)} %`}</title>
      </rect>
    </>
  )
}

function FolderBox({ name, state, box }: { name: Folder; state: State; box: Box }) {
  const { t } = useTranslation()
  const { x, y, width, height } = box
  const isBroken = state === 'broken'
  const Icon = isBroken ? IconFolderOff : IconFolder
  const words = isBroken ? t('labPage.gone') : t(`labPage.folder.${name}`)
  const longest = Math.max(...folders.map((each) => t(`labPage.folder.${each}`).length)) // all of them, or none
  const inset = width < 110 ? 6 : 10
  return (
    <g className={`folder ${state}`}>
      <rect className="frame" x={x} y={y} width={width} height={height} rx={9} />
      <Icon x={x + inset} y={y + height / 2 - 9} size={18} stroke={1.6} aria-hidden />
      <text className="mono" x={x + inset + 23} y={y + height / 2 + 5}>
        {`${name}/`}
      </text>
      {width - 112 > (isBroken ? words.length : longest) * plain && (
        <text className="small end" x={x + width - 12} y={y + height / 2 + 4}>
          {words}
        </text>
      )}
    </g>
  )
}

/** Both halves meet at the sign; where a part is broken, they part. */
function PartLine({ line, route: { from, to, sign, words } }: { line: Line; route: Route }) {
  const { t } = useTranslation()
  const { part, state } = line
  const Sign = signs[state]
  return (
    <g className={`line ${state}`} data-part={part} data-state={state}>
      <line className="half" pathLength={1} x1={from.x} y1={from.y} x2={sign.x} y2={sign.y} />
      <line className="half" pathLength={1} x1={to.x} y1={to.y} x2={sign.x} y2={sign.y} />
      <circle className="sign" cx={sign.x} cy={sign.y} r={13} />
      <Sign className="mark" x={sign.x - 8} y={sign.y - 8} size={16} stroke={2.4} aria-hidden />
      <text className="label" x={words.x} y={words.y} textAnchor={words.anchor}>
        {fitted(t(`labPage.part.${part}`), words.width, 6.4)}
      </text>
    </g>
  )
}

function Tiles({ picture: { environments }, tiles }: { picture: Picture; tiles: readonly Box[] }) {
  const { t } = useTranslation()
  const last = tiles[environments.drawn.length]
  const more = environments.total - environments.drawn.length
  return (
    <>
      {environments.drawn.map((environment, index) => {
        const box = tiles[index]
        return box && <Tile key={environment.id} environment={environment} box={box} />
      })}
      {last && more > 0 && (
        <g className={`tile ${stateOfRest(environments.rest)}`}>
          <rect className="frame" x={last.x} y={last.y} width={last.width} height={last.height} rx={8} />
          <text className="small" x={last.x + 12} y={last.y + last.height / 2 + 4}>
            {t('labPage.moreEnvironments', { count: more })}
          </text>
        </g>
      )}
    </>
  )
}

function Tile({ environment: { name, state, status }, box }: { environment: DrawnEnvironment; box: Box }) {
  const { t } = useTranslation()
  const { x, y, width, height } = box
  return (
    <g className={`tile ${state}`}>
      <title>{`${name}: ${t(`status.${status}`)}, ${t(`labPage.state.${state}`)}`}</title>
      <rect className="frame" x={x} y={y} width={width} height={height} rx={8} />
      <circle className="dot" cx={x + 14} cy={y + height / 2} r={4.5} />
      <text className="small foreign" x={x + 26} y={y + height / 2 + 4}>
        {fitted(name, width - 34, plain, 'both')}
      </text>
    </g>
  )
}
