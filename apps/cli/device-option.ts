// --device: where networks run.
import { Option } from "commander";
import type { DeviceName } from "#engine/runtime/native";

const DEVICES: readonly DeviceName[] = ["cpu", "webgpu", "cuda"];

export function deviceOption(): Option {
  return new Option("--device <name>", "where to compute").choices([...DEVICES]).default("cpu");
}
