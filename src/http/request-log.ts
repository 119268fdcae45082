import type { FastifyBaseLogger } from 'fastify'

type Bindings = Parameters<FastifyBaseLogger['child']>[0]
type Line = [object: unknown, message?: string, ...values: unknown[]]

/**
 * The log of one request. It makes pino's own at the first line: that takes a tenth of the processor time of a short answer, and
 * most requests write no line.
 */
export class RequestLog implements FastifyBaseLogger {
  readonly #parent: FastifyBaseLogger
  readonly #bindings: Bindings
  #made: FastifyBaseLogger | null = null

  constructor(parent: FastifyBaseLogger, bindings: Bindings) {
    this.#parent = parent
    this.#bindings = bindings
  }

  get level(): string {
    return this.#parent.level
  }

  trace(...line: Line): void {
    this.#log().trace(...line)
  }
  debug(...line: Line): void {
    this.#log().debug(...line)
  }
  info(...line: Line): void {
    this.#log().info(...line)
  }
  warn(...line: Line): void {
    this.#log().warn(...line)
  }
  error(...line: Line): void {
    this.#log().error(...line)
  }
  fatal(...line: Line): void {
    this.#log().fatal(...line)
  }
  silent(): void {}

  child(...asked: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger {
    return this.#log().child(...asked)
  }

  #log(): FastifyBaseLogger {
    this.#made ??= this.#parent.child(this.#bindings)
    return this.#made
  }
}
