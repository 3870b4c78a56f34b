/** What the machine counts, as it is: CPU time of all cores, bytes since boot. Undefined is what it does not tell. */
export interface HostTotals {
  cpuBusySeconds: number | undefined
  cpuSeconds: number | undefined
  memoryTotalBytes: number | undefined
  memoryAvailableBytes: number | undefined
  swapTotalBytes: number | undefined
  swapFreeBytes: number | undefined
  networkReceiveBytes: number | undefined
  networkTransmitBytes: number | undefined
  diskReadBytes: number | undefined
  diskWrittenBytes: number | undefined
}
