// Numbers on the command line. Commander puts the option's name before the messages.
import { InvalidArgumentError } from "commander";

/** Reads an option's text as a number. */
export function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError(`Expected a number, got ${text}.`);
  return value;
}
