/** The keys for a TLS connection to the engine, as texts in PEM. */
export type TlsKeys = { ca: string; cert: string; key: string }

/** Where the engine is: `unix:///var/run/docker.sock`, `tcp://host:port` or `http://…`. `tls` is null without TLS. */
export type EngineAddress = { socket: string; tls: TlsKeys | null }
