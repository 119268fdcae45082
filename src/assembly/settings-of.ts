import { type Config, ConfigError } from '../settings/config.ts'

/** The settings; or what is wrong with them, and those to go by meanwhile. @throws ConfigError if there are none to go by */
export function settingsOf(load: () => Config): { config: Config; wrong: ConfigError | null } {
  try {
    return { config: load(), wrong: null }
  } catch (error) {
    if (!(error instanceof ConfigError) || error.standIn === null) throw error
    return { config: error.standIn, wrong: error }
  }
}
