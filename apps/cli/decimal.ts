// Numbers on the command line. Commander puts the option's name before the messages.
import { InvalidArgumentError } from "commander";

/** Reads an option's text as a number. */
export function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError(`Expected a number, got ${text}.`);
  return value;
}

/** Reads an option's text as a number above 0. */
export function positiveDecimal(text: string): number {
  const value = decimal(text);
  if (value <= 0) throw new InvalidArgumentError(`Expected a number above 0, got ${text}.`);
  return value;
}

/** Reads an option's text as a share: above 0 and below 1. */
export function share(text: string): number {
  const value = decimal(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError(`Expected a share between 0 and 1, got ${text}.`);
}
