// --columns, of every command that reads anyone's catalogue.
import { InvalidArgumentError, Option } from "commander";
import { type ColumnChoice, parseColumnChoice } from "#sky/catalogue";

/** `--columns ra=NAME,dec=NAME,flux=NAME:UNIT`. */
export function columnsOption(): Option {
  return new Option(
    "--columns <quantity=column,...>",
    "which column is what: ra=RA,dec=DEC,flux=S20:mJy,major=W:arcsec,...",
  ).argParser(columns);
}

function columns(text: string): ColumnChoice {
  try {
    return parseColumnChoice(text);
  } catch (error) {
    // Commander tells the option's name itself.
    throw new InvalidArgumentError(error instanceof Error ? error.message.replace(/^--columns: /, "") : String(error));
  }
}
