import { parentPort, workerData } from 'node:worker_threads'
import { runReplay, type ReplayTask } from './replay.ts'

parentPort?.postMessage(runReplay(workerData as ReplayTask))
