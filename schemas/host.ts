/** What the machine told at one moment. Totals count since boot. Undefined is what it cannot tell: never shown as 0. */
export interface HostFigures {
  cpuCount: number
  /** Share of all cores that was busy since the figures before, 0 to 1. */
  cpuRatio: number | undefined
  loadAverage1: number | undefined
  loadAverage5: number | undefined
  loadAverage15: number | undefined
  memoryUsedBytes: number | undefined
  memoryAvailableBytes: number | undefined
  memoryTotalBytes: number | undefined
  swapUsedBytes: number | undefined
  swapTotalBytes: number | undefined
  filesystems: readonly Filesystem[]
  networkReceiveBytes: number | undefined
  networkTransmitBytes: number | undefined
  diskReadBytes: number | undefined
  diskWrittenBytes: number | undefined
  uptimeSeconds: number
  /** Undefined outside of a container with limits. */
  container: ContainerFigures | undefined
}

export interface Filesystem {
  mount: string
  usedBytes: number
  /** What programs may still use: less than the rest where some is kept for root. */
  availableBytes: number
  totalBytes: number
}

/** What the control group of this process may use, and what it uses. A limit that is not set is undefined. */
export interface ContainerFigures {
  /** 1 is all of what the limit allows. */
  cpuRatioOfLimit: number | undefined
  /** Without the page cache that the kernel would give back first, as `docker stats` counts. */
  memoryUsedBytes: number | undefined
  memoryLimitBytes: number | undefined
}

/** All processes of one entry of WATCH_PROCESSES, taken together. */
export interface WatchedFigures {
  name: string
  /** 1 is one core; undefined until two looks can be compared. */
  cpuRatio: number | undefined
  rssBytes: number
  pids: readonly number[]
}

/** One of the busiest processes of the machine. `name` is without arguments, which may hold secrets. */
export interface BusyProcess {
  pid: number
  name: string
  /** 100 is one core. */
  cpuPercent: number
  /** Undefined when it has ended meanwhile. */
  rssBytes: number | undefined
  /** ms since the epoch; undefined where it cannot be told. */
  startedAt: number | undefined
  parent: { pid: number, name: string } | undefined
}

/** What the machine, this process and the watched ones told at one moment. Rates are those since the moment before. */
export interface Snapshot {
  /** ms since the epoch. */
  time: number
  host: HostFigures
  self: SelfFigures
  watched: readonly WatchedFigures[]
  rates: HostRates
}

/** Bytes per second, undefined where none may be drawn. */
export interface HostRates {
  networkReceive: number | undefined
  networkTransmit: number | undefined
  diskRead: number | undefined
  diskWrite: number | undefined
}

/** What this process told of itself. */
export interface SelfFigures {
  /** 1 is one core. */
  cpuRatio: number | undefined
  rssBytes: number
  heapUsedBytes: number
  /** The 99th percentile of how late the event loop came since the figures before. */
  eventLoopLagMs: number | undefined
  openDescriptors: number | undefined
}
