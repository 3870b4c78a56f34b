import type { JSX } from 'preact'
import { useSignal } from '@preact/signals'
import type { Channel, ChannelTest } from '../../../schemas/channel.ts'
import type { RuleView } from '../../../schemas/rule.ts'
import { call, get } from '../../core/api.ts'
import { useAction, useResource } from '../../core/resource.ts'
import { isAdmin } from '../../core/session.ts'
import { Badge } from '../../ui/badge.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Menu } from '../../ui/menu.tsx'
import { ActionFault } from '../../ui/panel.tsx'
import { attemptText } from './words.ts'

interface PickerProps {
  names: readonly string[]
  rules: readonly RuleView[]
  isFixed: boolean
  onChange: (names: readonly string[]) => void
}

/** Who is told. Who may not see channels is offered those that rules name. */
export function ChannelPicker ({ names, rules, isFixed, onChange }: PickerProps): JSX.Element {
  const channels = useResource(`channels ${isAdmin.value}`, async (signal) => isAdmin.value ? (await get<{ channels: Channel[] }>('/channels', {}, { signal })).channels : undefined)
  const known = channels.data?.map(({ name }) => name) ?? [...new Set(rules.flatMap((rule) => [...rule.channels, ...rule.levels.critical?.channels ?? [], ...rule.levels.warning?.channels ?? []]))]
  const told = (name: string): string => channels.data?.find((one) => one.id === name || one.name === name)?.name ?? name
  const others = known.filter((name) => !names.some((one) => told(one) === name))
  return (
    <div class='send-to'>
      <p class='small muted'>Send to</p>
      <div class='row'>
        {names.length === 0 ? <span class='muted'>the channel “default”, where there is one</span> : null}
        {names.map((name) => (
          <span key={name} class='badge calm outlined'>
            {told(name)}
            {isFixed ? null : <button type='button' class='chip-close' aria-label={`Do not send to ${told(name)}`} onClick={() => onChange(names.filter((one) => one !== name))}><Icon name='close' /></button>}
          </span>
        ))}
        {isFixed || others.length === 0
          ? null
          : (
            <Menu label='Add a channel' class='button plain small' button={<><Icon name='plus' />Add</>}>
              {(close) => others.map((name) => <button key={name} type='button' onClick={() => { close(); onChange([...names, name]) }}>{name}</button>)}
            </Menu>
            )}
      </div>
    </div>
  )
}

/** Sends a test over each channel of a rule; that needs the role admin. */
export function TestChannels ({ names }: { names: readonly string[] }): JSX.Element | null {
  const { isBusy, error, run } = useAction()
  const results = useSignal<ReadonlyArray<{ name: string, test: ChannelTest }>>([])
  if (!isAdmin.value) return null
  const send = (): void => {
    void run(async () => {
      results.value = await Promise.all((names.length === 0 ? ['default'] : names).map(async (name) => ({ name, test: await call<ChannelTest>('POST', `/channels/${encodeURIComponent(name)}/test`) })))
    })
  }
  return (
    <>
      <button type='button' class='button' disabled={isBusy.value} onClick={send}>Send a test</button>
      <span role='status' class='row'>{results.value.map(({ name, test: { attempt } }) => <Badge key={name} tone={attempt.result === 'delivered' ? 'healthy' : 'critical'}>{name}: {attemptText(attempt)}</Badge>)}</span>
      <ActionFault error={error.value} />
    </>
  )
}
