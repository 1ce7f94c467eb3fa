// --protocol: by the paper's text, as its published code fits, or both beside each other.
import { Option } from "commander";
import { PROTOCOLS, type Protocol } from "#learn/tasks";

export type ProtocolChoice = Protocol | "both";

export function protocolOption(): Option {
  const text = "paper: fitted on training crops alone; mgcls-dino-asis: as the published code, for audit";
  return new Option("--protocol <name>", text).choices([...PROTOCOLS, "both"]).default("paper");
}

/** The paper's first: the published code's audits it. */
export function protocolsOf(choice: ProtocolChoice): readonly Protocol[] {
  return choice === "both" ? PROTOCOLS : [choice];
}
