// Door of base/yaml: settings as people write them, in files and on the command line.
export * from "./apply-settings.ts";
export * from "./parse-yaml.ts";
