import { doors } from './api/doors.ts'
import { listenGateway } from './gateway/server.ts'
import { GatewayProcesses } from './gateway-processes.ts'
import { readConsoleFiles } from './http/console-files.ts'
import { listenApi, type Listening } from './http/server.ts'
import { listening, urlOf } from './open-listener.ts'
import type { Services } from './services.ts'

/** What listens in this process, as its roles say: the gateway, with the processes that help it, and the API. */
export class Listeners {
  readonly #all: Pick<Listening, 'close'>[] = []
  #gateways: GatewayProcesses | undefined

  /** Listens, and fills in `urls` as there are ports. What was opened before a part that cannot be is for `close`. */
  async open(
    services: Services,
    {
      urls,
      consoleDir,
      gatewayProcesses,
    }: { urls: { api: string; gateway: string }; consoleDir: string; gatewayProcesses: number },
  ): Promise<void> {
    const { config } = services
    // Others listen where this process does not: their addresses are settings of the installation.
    urls.gateway = config.gateway.url ?? urlOf(config, config.gateway.listen)
    urls.api = config.api.url ?? urlOf(config, config.api.listen)
    if (config.roles.includes('gateway')) {
      const isShared = gatewayProcesses > 1
      const gateway = await listening('PINYON_GATEWAY_LISTEN', () => listenGateway(services), { isShared })
      this.#all.push(gateway)
      this.#gateways = new GatewayProcesses(services, { count: gatewayProcesses - 1, socket: gateway.socket })
      this.#all.push(this.#gateways)
      urls.gateway = config.gateway.url ?? urlOf(config, gateway)
    }
    if (config.roles.includes('api')) {
      const consoleFiles = readConsoleFiles(consoleDir)
      const api = await listening('PINYON_API_LISTEN', () => listenApi(services, doors, { consoleFiles }))
      this.#all.push(api)
      urls.api = config.api.url ?? urlOf(config, api)
    }
  }

  /** Tells the gateway's other processes, as soon as there are any. */
  tell(notice: Parameters<GatewayProcesses['tell']>[0]): void {
    this.#gateways?.tell(notice)
  }

  /** All drain at the same time, or the patience would count twice. */
  async close(patienceMs: number): Promise<void> {
    await Promise.all(this.#all.map((listener) => listener.close(patienceMs)))
  }
}
