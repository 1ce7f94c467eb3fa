// The error of a setting that cannot be: an unknown name, a wrong value, text that is not YAML.

/** A wrong setting. The message starts "ConfigError: " and names the file or option, the setting, and what was expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(text: string, options?: ErrorOptions) {
    super(`ConfigError: ${text}`, options);
  }
}
