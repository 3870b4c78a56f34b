import { parentPort } from 'node:worker_threads'
import { whyGuessable, type Question } from './guessing.ts'

parentPort?.on('message', ({ password, username }: Question) => parentPort?.postMessage(whyGuessable(password, username)))
