/** The network of the machine that this process runs on. */
export interface HostNetwork {
  /** All rules of the table `filter`, as `iptables -S` prints them. @throws Error if this process may not read them */
  rules(): Promise<string>
  /** Gives rules to `iptables-restore`: all of them hold afterwards, or none. @throws Error */
  restore(text: string): Promise<void>
  /**
   * Makes the kernel ask more often where the containers behind a bridge are. Does nothing if there is no such bridge
   * yet.
   */
  askOften(bridge: string): Promise<void>
}
