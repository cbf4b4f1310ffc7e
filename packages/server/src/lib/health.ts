/** Whether this process serves requests, for health checks and for the doors. */
export class Health {
  #state: 'starting' | 'ready' | 'draining' = 'starting'

  /** `ready`: requests are served. `draining`: running ones finish, new ones are refused. */
  get state(): 'starting' | 'ready' | 'draining' {
    return this.#state
  }

  /** Moves on. There is no way back from draining. */
  enter(state: 'ready' | 'draining'): void {
    if (this.#state !== 'draining') this.#state = state
  }
}
