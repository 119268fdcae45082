/** What an engine is asked over TLS with: texts in PEM. */
export type TlsKeys = { ca: string; cert: string; key: string }

/** Where the engine is: `unix:///var/run/docker.sock`, `tcp://host:port` or `http://…`. `tls`: null where none is used. */
export type EngineAddress = { socket: string; tls: TlsKeys | null }
