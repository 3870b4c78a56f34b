/** How others reach the service. What links say is known for sure only once it listens, since PORT=0 leaves it open. */
export class OwnAddress {
  #url: string

  constructor (url: string | undefined) {
    this.#url = url ?? ''
  }

  /** Without a slash at its end; empty as long as nobody knows. */
  get url (): string {
    return this.#url
  }

  /** Tells where it listens, for when BASE_URL does not say more. */
  listensAt (url: string): void {
    this.#url ||= url
  }
}
