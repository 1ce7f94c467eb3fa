// Door of base/config: settings as YAML, checked by one schema, with errors that name the setting.
export { z } from "zod";
export * from "./apply-settings.ts";
export * from "./config-error.ts";
export * from "./nearest-name.ts";
export * from "./parse-config.ts";
