import type { Channel, ChannelPatch, ChannelSource, ChannelTest, NewChannel } from '../../schemas/channel.ts'
import type { Requester } from '../../schemas/token.ts'
import type { Audit } from '../access/audit.ts'
import { faultsOf, fixedFields, hostOf, newFields, placeOf, placed, type FixedChannel } from './channel-fields.ts'
import type { Clock } from '../core/clock.ts'
import { refuseFaults } from '../core/faults.ts'
import { AppError } from '../core/errors.ts'
import { tryOnce } from '../notify/deliver/attempt.ts'
import { testBody } from '../notify/body.ts'
import { refusalOfName, type Guard } from '../notify/guard.ts'
import { isBroken } from '../notify/deliver/route.ts'
import type { OwnAddress } from './own-address.ts'
import { namedChannels } from '../rules/named-channels.ts'
import { newId } from '../core/secret-hash.ts'
import type { ChannelRecord } from '../store/hot/outbox/channels.ts'
import type { Store } from '../store/store.ts'

interface ChannelsParts {
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  audit: Pick<Audit, 'record' | 'recordOf'>
  guard: Guard
  own: Pick<OwnAddress, 'url'>
  /** Called when something changed that may let a notice through. */
  onChange: () => void
}

const TRY_TIMEOUT_MS = 15_000
/** The one that is told when a rule names no channel. */
export const DEFAULT_CHANNEL = 'default'
/** Each is asked for what is due, once a second. */
const MOST_CHANNELS = 200
const MOST_TOLD = 10

/** Where alerts are told. Secrets go in and never come out again. */
export class Channels {
  readonly #parts: ChannelsParts
  #sources: ReadonlyMap<string, ChannelSource> = new Map()
  /** The removed ones too, since the ledger names them. */
  #all: readonly ChannelRecord[] = []

  private constructor (parts: ChannelsParts) {
    this.#parts = parts
  }

  /** Throws as `fix`. */
  static async open (parts: ChannelsParts, fixed: readonly FixedChannel[]): Promise<Channels> {
    const channels = new Channels(parts)
    await channels.#fix(fixed)
    return channels
  }

  /** Makes the fixed channels what they are said to be, all or none. Throws `invalid` or `conflict` for one that cannot be. */
  async fix (fixed: readonly FixedChannel[]): Promise<void> {
    await this.#fix(fixed)
    this.#parts.onChange()
  }

  /** Finds the ids of channels by their names or ids, for those that there are; of none named, that of the channel `default`. */
  idsOf (names: readonly string[]): string[] {
    const wanted = names.length === 0 ? [DEFAULT_CHANNEL] : names
    return [...new Set(wanted.map((name) => this.#find(name)?.id).filter((id) => id !== undefined))]
  }

  /** Lists those of the names that no channel has as its name or id. */
  unknownOf (names: readonly string[]): string[] {
    return names.filter((name) => this.#find(name) === undefined)
  }

  /** Lists those of the names whose channel somebody, or its receiver, has switched off. */
  switchedOff (names: readonly string[]): string[] {
    return names.filter((name) => this.#find(name)?.enabled === false)
  }

  /** The name of a channel, also of a removed one; the id where there was never such a channel. */
  nameOf (id: string): string {
    return this.#all.find((channel) => channel.id === id)?.name ?? id
  }

  /** Of all channels that there were, since a link of one that was removed is known for what it is. */
  get everyId (): string[] {
    return this.#all.map(({ id }) => id)
  }

  /** Tells whether links of its notices acknowledge at this moment. */
  async takesAcks (id: string): Promise<boolean> {
    const record = await this.#parts.store.read('findChannel', id)
    return record?.id === id && record.enabled && record.ackLinks
  }

  async list (): Promise<Channel[]> {
    await this.#load()
    return this.#present().map((record) => this.#wire(record))
  }

  async get (idOrName: string): Promise<Channel> {
    return this.#wire(await this.#existing(idOrName))
  }

  /** Throws `invalid` for an address that may not be reached and for a bad secret or fallback, `conflict` for a name that is taken. */
  async create (given: NewChannel, { caller: actor, from }: Requester): Promise<Channel> {
    if (this.#present().length >= MOST_CHANNELS) throw new AppError('conflict', `there are ${MOST_CHANNELS} channels already, which is the most`)
    await this.#refuse(given)
    const { store, clock, audit } = this.#parts
    const id = newId()
    const detail = { name: given.name, kind: given.kind, host: hostOf(given.url) }
    const acts = [audit.recordOf({ action: 'channel.create', actor, from, target: id, detail })]
    await store.write('insertChannel', { id, ...newFields(given), fallback: this.#fallbackOf(given.fallback), now: clock.now(), acts })
    return this.#changed(id)
  }

  /** Throws as `create`, `not_found`, and `conflict` for another name while rules say this one, and for a fixed channel, which can only be switched on again after its receiver switched it off. */
  async patch (idOrName: string, patch: ChannelPatch, { caller: actor, from }: Requester): Promise<Channel> {
    const { id, name } = await this.#existing(idOrName)
    if (patch.enabled !== true || Object.keys(patch).length > 1) this.#refuseFixed(id)
    await this.#refuse(patch)
    if (patch.name !== undefined && patch.name !== name) await this.#refuseNamed([name])
    const { store, clock, audit } = this.#parts
    const { ack_links: ackLinks, ...changes } = patch
    const { url, secret, ...shown } = patch
    const detail = {
      ...shown,
      ...(url === undefined ? {} : { host: hostOf(url) }),
      ...(secret === undefined ? {} : { signing: secret === null ? 'removed' : 'replaced' })
    }
    const acts = [audit.recordOf({ action: 'channel.update', actor, from, target: id, detail })]
    const fallback = patch.fallback === undefined ? {} : { fallback: this.#fallbackOf(patch.fallback) }
    if (!await store.write('updateChannel', { ...changes, ...(ackLinks === undefined ? {} : { ackLinks }), ...fallback, id, now: clock.now(), acts })) throw unknownChannel(idOrName)
    return this.#changed(id)
  }

  /** Removes a channel; what waits for it is abandoned. Throws `not_found`, and `conflict` for a fixed one and while rules name it. */
  async remove (idOrName: string, { caller: actor, from }: Requester): Promise<void> {
    const { id, name } = await this.#existing(idOrName)
    this.#refuseFixed(id)
    await this.#refuseNamed([id, name])
    const { store, clock, audit } = this.#parts
    const acts = [audit.recordOf({ action: 'channel.delete', actor, from, target: id, detail: { name } })]
    if (!await store.write('removeChannel', { id, now: clock.now(), acts })) throw unknownChannel(idOrName)
    await this.#load()
  }

  /** Sends a test once, also to a channel that is switched off, and tells what was sent and what came of it. */
  async test (idOrName: string, { caller: actor, from }: Requester): Promise<ChannelTest> {
    const { store, clock, guard, own, audit } = this.#parts
    const { id: target, name } = await this.#existing(idOrName)
    const channel = (await store.read('deliveryChannels', undefined)).find(({ id }) => id === target)
    if (channel === undefined) throw unknownChannel(idOrName)
    const id = newId()
    const rule = { id: 'test', name: `Test of the channel ${name}` }
    const body = testBody({ id, rule, summary: 'This is a test: the channel works, and nothing is wrong.', now: clock.now(), baseUrl: own.url })
    const tried = await tryOnce([{ id, body }], channel, { clock, guard, timeoutMs: TRY_TIMEOUT_MS })
    if (tried === undefined) throw new AppError('timeout', 'the test was broken off')
    const { request, attempt } = tried
    await audit.record({ action: 'channel.test', actor, from, target, detail: { name, result: attempt.result } })
    return { request: { ...request, headers: { ...request.headers } }, attempt }
  }

  async #fix (fixed: readonly FixedChannel[]): Promise<void> {
    const { store, clock, guard } = this.#parts
    refuseFaults(fixed.flatMap(({ channel, source }) => faultsOf(channel, guard).map((fault) => placed(fault, source))))
    await store.write('fixChannels', { channels: fixedFields(fixed), now: clock.now() })
    this.#sources = new Map(fixed.map(({ id, source }) => [id, source]))
    await this.#load()
  }

  async #refuse (given: ChannelPatch): Promise<void> {
    refuseFaults(faultsOf(given, this.#parts.guard))
    if (given.url === undefined) return
    const message = await refusalOfName(new URL(given.url), this.#parts.guard)
    if (message !== undefined) refuseFaults([{ path: '/url', message }])
  }

  #refuseFixed (id: string): void {
    const source = this.#sources.get(id)
    if (source !== undefined) throw new AppError('conflict', `the channel ${JSON.stringify(this.nameOf(id))} is set in ${placeOf(source)}: change it there`)
  }

  /** A rule that names what is there no more would tell nobody. */
  async #refuseNamed (names: readonly string[]): Promise<void> {
    const rules = await this.#parts.store.read('listRules', undefined)
    const users = rules.filter(({ rule }) => namedChannels(rule).some((name) => names.includes(name))).map(({ id }) => id)
    if (users.length > 0) throw new AppError('conflict', `rules name the channel: ${users.slice(0, MOST_TOLD).join(', ')}${users.length > MOST_TOLD ? ' ...' : ''}: take it out of them first`)
  }

  #present (): ChannelRecord[] {
    return this.#all.filter(({ deletedAt }) => deletedAt === null)
  }

  #find (idOrName: string): ChannelRecord | undefined {
    const present = this.#present()
    return present.find(({ id }) => id === idOrName) ?? present.find(({ name }) => name === idOrName)
  }

  /** What is unknown is left for the store to refuse. */
  #fallbackOf (idOrName: string | null = null): string | null {
    return idOrName === null ? null : this.#find(idOrName)?.id ?? idOrName
  }

  async #existing (idOrName: string): Promise<ChannelRecord> {
    const record = await this.#parts.store.read('findChannel', idOrName)
    if (record === undefined) throw unknownChannel(idOrName)
    return record
  }

  async #changed (id: string): Promise<Channel> {
    await this.#load()
    this.#parts.onChange()
    return this.get(id)
  }

  async #load (): Promise<void> {
    this.#all = await this.#parts.store.read('listChannels', { all: true })
  }

  #wire (record: ChannelRecord): Channel {
    const { id, name, kind, url, enabled, ackLinks, fallback, isSigned: signed, failures, disabledReason } = record
    const source = this.#sources.get(id)
    const channel = { id, name, kind, url, enabled, ack_links: ackLinks, fallback, signed, failures, broken: isBroken(record), disabled_reason: disabledReason }
    return source === undefined ? channel : { ...channel, source }
  }
}

function unknownChannel (idOrName: string): AppError {
  return new AppError('not_found', `there is no channel ${JSON.stringify(idOrName)}: GET /channels lists them`)
}
