// Whole numbers on the command line. Commander puts the option's name before the messages.
import { InvalidArgumentError } from "commander";

/** Reads an option's text as a whole number above 0. */
export function positiveInteger(text: string): number {
  return wholeNumber(text, 1);
}

/** Reads an option's text as a seed: a whole number from 0 to 2^32 - 1. */
export function seedNumber(text: string): number {
  return wholeNumber(text, 0);
}

/** Reads an option's text as a whole number, 0 included. */
export function countFrom0(text: string): number {
  return wholeNumber(text, 0);
}

function wholeNumber(text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least && value < 2 ** 32) return value;
  throw new InvalidArgumentError(`Expected a whole number from ${least} to ${2 ** 32 - 1}, got "${text}".`);
}
