// Door of base/config: settings checked by one schema, with errors that name the setting.
export { z } from "zod";
export * from "./check-config.ts";
export * from "./config-error.ts";
export * from "./nearest-name.ts";
