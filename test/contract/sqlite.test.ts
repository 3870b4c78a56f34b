import { buildStore } from '../helper.ts'
import { storeContract } from './store-contract.ts'

storeContract('SQLite', async (t, place) => (await buildStore(t, place)).store)
