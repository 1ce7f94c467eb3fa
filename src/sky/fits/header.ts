// A FITS header: bytes to ordered cards and back. Slips of real files are read, and recorded as warnings.
import { CARD_LENGTH, type Card, type CardValue, formatCard, parseCard } from "./card.ts";
import { FitsError } from "./fits-error.ts";
import { latin1 } from "./latin1.ts";

/** FITS files are made of blocks of this many bytes (FITS standard 3.1). */
export const BLOCK_LENGTH = 2880;

/** The cards of one header in their order, without END. Keywords are asked for in upper case; the first of duplicates counts. */
export interface FitsHeader {
  readonly cards: readonly Card[];
  /** What was not as the standard says and was read all the same, one sentence each. */
  readonly warnings: readonly string[];
  /** Bytes with padding: where the data begin, counted from the header's start. */
  readonly byteLength: number;
  get(keyword: string): CardValue | undefined;
  /** The value where it is a number, else undefined. */
  number(keyword: string): number | undefined;
  /** The value where it is text, else undefined. */
  string(keyword: string): string | undefined;
}

/** The texts of all HISTORY cards, in order. */
export function historyOf(header: FitsHeader): readonly string[] {
  return header.cards.filter((card) => card.keyword === "HISTORY").map((card) => String(card.value ?? ""));
}

/** A header from cards, as if it had been read. */
export function fitsHeader(cards: readonly Card[], warnings: readonly string[] = [], byteLength = 0): FitsHeader {
  const values = new Map<string, CardValue>();
  for (const { keyword, value } of cards) if (!values.has(keyword)) values.set(keyword, value);
  const get = (keyword: string) => values.get(keyword);
  const number = (keyword: string) => {
    const value = get(keyword);
    return typeof value === "bigint" ? Number(value) : typeof value === "number" ? value : undefined;
  };
  const string = (keyword: string) => {
    const value = get(keyword);
    return typeof value === "string" ? value : undefined;
  };
  return { cards, warnings, byteLength, get, number, string };
}

/** Length in bytes, with padding, of the header at the start of `bytes`, or undefined where its END is not among them. */
export function headerLength(bytes: Uint8Array): number | undefined {
  for (let start = 0; start + CARD_LENGTH <= bytes.length; start += CARD_LENGTH) {
    if (isEndCard(bytes, start)) return Math.ceil((start + CARD_LENGTH) / BLOCK_LENGTH) * BLOCK_LENGTH;
  }
  return undefined;
}

const END = "END     ";
const END_CARD = new TextEncoder().encode(END);

function isEndCard(bytes: Uint8Array, start: number): boolean {
  return END_CARD.every((byte, index) => bytes[start + index] === byte);
}

/**
 * Parse the header at the start of `bytes`. `where` (a file name) begins every message, `startByte` is the header's place in
 * the file. Throws FitsError where `bytes` do not begin with SIMPLE or XTENSION, or hold no END card.
 */
export function parseHeader(bytes: Uint8Array, where = "FITS header", startByte = 0): FitsHeader {
  requireFits(bytes, where, startByte);
  const byteLength = headerLength(bytes);
  if (byteLength === undefined) {
    const end = startByte + bytes.length;
    throw new FitsError(`${where}: the header has no END card: expected one before byte ${end}. The file may be cut short.`, {
      file: where,
      byte: end,
    });
  }
  const { cards, warnings } = parseCards(latin1(bytes, 0, byteLength));
  return fitsHeader(cards, warnings, byteLength);
}

function requireFits(bytes: Uint8Array, where: string, startByte: number): void {
  const start = latin1(bytes, 0, CARD_LENGTH);
  if (/^(SIMPLE {2}|XTENSION)=/.test(start)) return;
  const wanted = startByte === 0 ? "SIMPLE  =" : "XTENSION=";
  const found = JSON.stringify(start.slice(0, 16));
  const problem = startByte === 0 ? "not a FITS file" : "not a FITS extension";
  throw new FitsError(
    `${where}: ${problem}: expected byte ${startByte} to begin with "${wanted}", got ${found}${knownKind(bytes)}.`,
    {
      file: where,
      byte: startByte,
    },
  );
}

const OTHER_KINDS: readonly (readonly [name: string, start: readonly number[]])[] = [
  ["a PNG picture", [0x89, 0x50, 0x4e, 0x47]],
  ["a JPEG picture", [0xff, 0xd8, 0xff]],
  ["an HDF5 file", [0x89, 0x48, 0x44, 0x46]],
  ["a zip file", [0x50, 0x4b, 0x03, 0x04]],
  ["a numpy file", [0x93, 0x4e, 0x55, 0x4d]],
  ["XML or HTML", [0x3c]],
];

function knownKind(bytes: Uint8Array): string {
  const kind = OTHER_KINDS.find(([, start]) => start.every((byte, index) => bytes[index] === byte));
  return kind ? ` (${kind[0]})` : "";
}

function parseCards(text: string): { readonly cards: readonly Card[]; readonly warnings: readonly string[] } {
  const cards: Card[] = [];
  const warnings: string[] = [];
  let strange = 0;
  for (let start = 0; !text.startsWith(END, start); start += CARD_LENGTH) {
    const line = text.slice(start, start + CARD_LENGTH);
    if (/[^\x20-\x7e]/.test(line)) strange += 1;
    const { card, problem } = parseCard(line);
    const previous = cards.at(-1);
    if (problem !== undefined) warnings.push(`header card ${start / CARD_LENGTH + 1} (${card.keyword}): ${problem}.`);
    if (card.keyword === "CONTINUE" && typeof previous?.value === "string" && previous.value.endsWith("&")) {
      cards[cards.length - 1] = continuedCard(previous, previous.value, card);
    } else {
      cards.push(card);
    }
  }
  if (strange > 0) warnings.push(`${strange} header cards hold tabs or other characters outside printable ASCII.`);
  return { cards, warnings: [...warnings, ...duplicateWarnings(cards)] };
}

function continuedCard(previous: Card, begun: string, card: Card): Card {
  const comment = [previous.comment, card.comment].filter(Boolean).join(" ");
  return { keyword: previous.keyword, value: begun.slice(0, -1) + String(card.value ?? ""), ...(comment ? { comment } : {}) };
}

function duplicateWarnings(cards: readonly Card[]): readonly string[] {
  const first = new Map<string, CardValue>();
  const warnings: string[] = [];
  for (const { keyword, value } of cards) {
    if (keyword === "" || keyword === "COMMENT" || keyword === "HISTORY" || keyword === "CONTINUE") continue;
    const earlier = first.get(keyword);
    if (earlier === undefined) first.set(keyword, value);
    else if (earlier !== value)
      warnings.push(`header keyword ${keyword} has two values, ${earlier} and ${value}: the first is used.`);
  }
  return warnings;
}

/** The bytes of a header: the cards, END, and spaces to a whole block. Throws FitsError for what FITS cannot hold. */
export function formatHeader(cards: readonly Card[]): Uint8Array {
  const text = [...cards.flatMap(formatCard), "END".padEnd(CARD_LENGTH)].join("");
  return new TextEncoder().encode(text.padEnd(Math.ceil(text.length / BLOCK_LENGTH) * BLOCK_LENGTH));
}
