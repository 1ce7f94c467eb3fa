// One header card: 80 characters to keyword, value and comment, and back (FITS standard 4.0, section 4).
import { FitsError } from "./fits-error.ts";

/** bigint: an integer that a double cannot hold. null: a keyword without a value. */
export type CardValue = string | number | bigint | boolean | null;

/** A keyword with its value. For COMMENT, HISTORY and blank keywords the text is the value. HIERARCH is left out of the keyword. */
export interface Card {
  readonly keyword: string;
  readonly value: CardValue;
  readonly comment?: string;
}

/** A card as it was read, and what was wrong with it, if anything. */
export interface ReadCard {
  readonly card: Card;
  readonly problem?: string;
}

/** Characters of a card, of its keyword, and of the longest string that fits between quotes on one card. */
export const CARD_LENGTH = 80;
const KEYWORD_LENGTH = 8;
const STRING_LENGTH = 68;

const COMMENTARY = new Set(["COMMENT", "HISTORY", ""]);
const STANDARD_KEYWORD = /^[A-Z0-9_-]{1,8}$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([ED][+-]?\d+)?$/i;

/** Parse 80 characters. Slips that leave no doubt are read and named in `problem`; nothing throws. */
export function parseCard(text: string): ReadCard {
  const keyword = text.slice(0, KEYWORD_LENGTH).trimEnd();
  if (COMMENTARY.has(keyword)) return { card: { keyword, value: text.slice(KEYWORD_LENGTH).trimEnd() } };
  if (keyword === "CONTINUE") return valueCard(keyword, text.slice(KEYWORD_LENGTH));
  if (keyword === "HIERARCH" && text.includes("=")) {
    const equals = text.indexOf("=");
    return valueCard(text.slice(KEYWORD_LENGTH, equals).trim(), text.slice(equals + 1));
  }
  if (text.startsWith("= ", KEYWORD_LENGTH)) return keywordCard(keyword, text.slice(KEYWORD_LENGTH + 2));
  return misplacedEqualsCard(text, keyword);
}

function keywordCard(keyword: string, valueText: string): ReadCard {
  if (STANDARD_KEYWORD.test(keyword)) return valueCard(keyword, valueText);
  const upper = keyword.trim().toUpperCase();
  const read = valueCard(upper, valueText);
  const slip = STANDARD_KEYWORD.test(upper) ? `keyword "${keyword}" is read as ${upper}` : `"${keyword}" is not a FITS keyword`;
  return { card: read.card, problem: join(slip, read.problem) };
}

/** Cards without "= " in columns 9 and 10: the sign elsewhere is a slip, no sign at all makes the card a comment. */
function misplacedEqualsCard(text: string, keyword: string): ReadCard {
  const slip = /^\s*([A-Za-z0-9_-]{1,8})\s*=(.*)$/.exec(text);
  if (slip) {
    const read = valueCard(slip[1]!.toUpperCase(), slip[2]!);
    return { card: read.card, problem: join('"= " is not in columns 9 and 10', read.problem) };
  }
  return { card: { keyword, value: text.slice(KEYWORD_LENGTH).trim() || null } };
}

function valueCard(keyword: string, valueText: string): ReadCard {
  const text = valueText.trim();
  if (text.startsWith("'")) return stringCard(keyword, text);
  const slash = text.indexOf("/");
  const token = (slash < 0 ? text : text.slice(0, slash)).trim();
  const comment = slash < 0 ? {} : { comment: text.slice(slash + 1).trim() };
  const value = tokenValue(token);
  if (value !== undefined) return { card: { keyword, value, ...comment } };
  const isComplex = token.startsWith("(") && token.endsWith(")");
  return {
    card: { keyword, value: token, ...comment },
    ...(isComplex ? {} : { problem: `"${token}" is neither a number nor quoted; kept as text` }),
  };
}

function tokenValue(token: string): CardValue | undefined {
  if (token === "") return null;
  if (token === "T") return true;
  if (token === "F") return false;
  const match = NUMBER.exec(token);
  if (!match) return undefined;
  const value = Number(token.replace(/D/i, "E"));
  const isInteger = match[2] === undefined && !token.includes(".");
  return isInteger && !Number.isSafeInteger(value) ? BigInt(token.replace("+", "")) : value;
}

/** `text` starts with a quote. Inside, '' is one quote; trailing spaces do not count, leading ones do (4.2.1). */
function stringCard(keyword: string, text: string): ReadCard {
  const match = /^'((?:[^']|'')*)'(.*)$/s.exec(text);
  if (!match) return { card: { keyword, value: text.slice(1).trimEnd() }, problem: "the closing quote is missing" };
  const value = match[1]!.replaceAll("''", "'").trimEnd();
  const rest = match[2]!.trim();
  if (rest === "") return { card: { keyword, value } };
  if (rest.startsWith("/")) return { card: { keyword, value, comment: rest.slice(1).trim() } };
  return { card: { keyword, value, comment: rest }, problem: 'there is text after the closing quote without a "/"' };
}

function join(first: string, second: string | undefined): string {
  return second === undefined ? first : `${first}; ${second}`;
}

/**
 * One card, or several where a long string or comment needs them, each of 80 characters. Keywords that FITS has no room for
 * become HIERARCH. A comment that does not fit is cut. Throws FitsError for what FITS cannot hold: non-ASCII text, NaN, a value
 * behind too long a HIERARCH keyword.
 */
export function formatCard(card: Card): readonly string[] {
  const text = `${card.keyword}${typeof card.value === "string" ? card.value : ""}${card.comment ?? ""}`;
  if (!/^[\x20-\x7e]*$/.test(text)) {
    throw new FitsError(`FITS card ${card.keyword}: expected printable ASCII, got ${JSON.stringify(text)}.`);
  }
  if (COMMENTARY.has(card.keyword)) return commentaryCards(card.keyword, String(card.value ?? ""));
  const isStandard = STANDARD_KEYWORD.test(card.keyword);
  const start = isStandard ? `${card.keyword.padEnd(KEYWORD_LENGTH)}= ` : `HIERARCH ${card.keyword} = `;
  if (typeof card.value !== "string") return [finish(numberCard(start, card), card)];
  const quoted = card.value.replaceAll("'", "''");
  if (start.length + quoted.length + 2 <= CARD_LENGTH)
    return [finish(start + inColumns(`'${quoted.padEnd(8)}'`.padEnd(20), `'${quoted}'`, start.length), card)];
  if (!isStandard)
    throw new FitsError(`FITS card ${card.keyword}: the text of ${quoted.length} characters does not fit on a HIERARCH card.`);
  return continuedCards(start, card);
}

/** Throws FitsError where the value does not fit behind its keyword: digits cut off are another number. */
function numberCard(start: string, card: Card): string {
  const value = formatNumber(card);
  const bare = value.trim();
  if (start.length + bare.length <= CARD_LENGTH) return start + inColumns(value, bare, start.length);
  throw new FitsError(`FITS card ${card.keyword}: the value ${bare} does not fit on a HIERARCH card behind so long a keyword.`);
}

/** A value padded to its columns, or bare where a long HIERARCH keyword leaves no room for these. */
function inColumns(padded: string, bare: string, startLength: number): string {
  return startLength + padded.length <= CARD_LENGTH ? padded : bare;
}

/** Only the comment may be cut. */
function finish(text: string, card: Card): string {
  const full = card.comment ? `${text} / ${card.comment}` : text;
  return full.slice(0, CARD_LENGTH).padEnd(CARD_LENGTH);
}

/** Fixed format: the value ends in column 30 where it fits (4.2). */
function formatNumber(card: Card): string {
  const { keyword, value } = card;
  if (value === null) return "".padEnd(20);
  if (typeof value === "boolean") return (value ? "T" : "F").padStart(20);
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new FitsError(
      `FITS card ${keyword}: expected a finite number, got ${value}. FITS headers have no NaN and no infinity.`,
    );
  }
  const text = String(value).toUpperCase();
  return (/E/.test(text) && !text.includes(".") ? text.replace("E", ".0E") : text).padStart(20);
}

function commentaryCards(keyword: string, text: string): readonly string[] {
  const width = CARD_LENGTH - KEYWORD_LENGTH;
  const pieces = text.match(new RegExp(`.{1,${width}}`, "g")) ?? [""];
  return pieces.map((piece) => `${keyword.padEnd(KEYWORD_LENGTH)}${piece}`.padEnd(CARD_LENGTH));
}

/** A long string: pieces that end in "&", on CONTINUE cards (4.2.1.2). A doubled quote is never split. */
function continuedCards(start: string, card: Card): readonly string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const character of String(card.value)) {
    const quoted = character === "'" ? "''" : character;
    if (piece.length + quoted.length > STRING_LENGTH - 1) {
      pieces.push(piece);
      piece = "";
    }
    piece += quoted;
  }
  const full = pieces.map((text, index) => `${index === 0 ? start : "CONTINUE  "}'${text}&'`.padEnd(CARD_LENGTH));
  return [...full, finish(`CONTINUE  '${piece}'`, card)];
}
