// Header cards: what is read, what is forgiven, what is written.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Card, FitsError, formatHeader, historyOf, parseHeader } from "#sky/fits";
import { imageHeaderOf } from "../../../src/sky/fits/tiles/image-header.ts";
import { assertGolden } from "../../golden-file.ts";

/** A header's bytes from card texts, END and padding added. */
function headerBytes(...texts: readonly string[]): Uint8Array {
  const text = ["SIMPLE  =                    T", ...texts, "END"].map((card) => card.padEnd(80).slice(0, 80)).join("");
  return Buffer.from(text.padEnd(Math.ceil(text.length / 2880) * 2880), "latin1");
}

// FITS standard 4.0, section 4.2: each value form, fixed and free.
const VALUES: readonly (readonly [text: string, value: unknown])[] = [
  ["KEY     =                    T / logical", true],
  ["KEY     = F", false],
  ["KEY     =                 -512 / integer", -512],
  ["KEY     = +7", 7],
  ["KEY     = 9007199254740993", 9007199254740993n],
  ["KEY     = -9223372036854775808", -9223372036854775808n],
  ["KEY     =              -1.5E-3", -0.0015],
  ["KEY     = 1.0D+05", 1e5],
  ["KEY     = 2.5d-3", 0.0025],
  ["KEY     = .5", 0.5],
  ["KEY     = 3.", 3],
  ["KEY     = 'Jy/beam '           / trailing spaces do not count", "Jy/beam"],
  ["KEY     = '  leading count'", "  leading count"],
  ["KEY     = 'O''Neil / not a comment'/ a comment", "O'Neil / not a comment"],
  ["KEY     = ''", ""],
  ["KEY     =                      / nothing", null],
  ["KEY     = (1.0, 2.0)", "(1.0, 2.0)"],
];

test("every form of value is read without a warning", () => {
  for (const [text, value] of VALUES) {
    const header = parseHeader(headerBytes(text));
    assert.deepEqual(header.get("KEY"), value, text);
    assert.deepEqual(header.warnings, [], text);
  }
});

test("number and string answer only for values of their kind", () => {
  const header = parseHeader(headerBytes("N       = 1.5", "B       = 9007199254740993", "S       = '1.5'"));
  assert.deepEqual(
    [header.number("N"), header.number("B"), header.number("S"), header.number("X")],
    [1.5, 2 ** 53, undefined, undefined],
  );
  assert.deepEqual([header.string("N"), header.string("S"), header.string("X")], [undefined, "1.5", undefined]);
});

test("comments of cards, COMMENT and HISTORY keep their text and order", () => {
  const header = parseHeader(
    headerBytes("KEY     = 5 / five", "COMMENT  one", "HISTORY two", "HISTORY three = 3", "        four"),
  );
  assert.deepEqual(header.cards.slice(1), [
    { keyword: "KEY", value: 5, comment: "five" },
    { keyword: "COMMENT", value: " one" },
    { keyword: "HISTORY", value: "two" },
    { keyword: "HISTORY", value: "three = 3" },
    { keyword: "", value: "four" },
  ]);
  assert.deepEqual(historyOf(header), ["two", "three = 3"]);
});

test("a long string is read over its CONTINUE cards, an ampersand without one stays", () => {
  const header = parseHeader(
    headerBytes("KEY     = 'one &' / first", "CONTINUE  'two &'", "CONTINUE  'three' / last", "AND     = 'R&D&'"),
  );
  assert.deepEqual(header.cards[1], { keyword: "KEY", value: "one two three", comment: "first last" });
  assert.equal(header.get("AND"), "R&D&");
  assert.deepEqual(header.warnings, []);
});

test("HIERARCH cards are asked for without the word HIERARCH", () => {
  const header = parseHeader(headerBytes("HIERARCH ESO TEL ALT = 45.5 / [deg]"));
  assert.equal(header.number("ESO TEL ALT"), 45.5);
  assert.deepEqual(header.warnings, []);
});

test("slips that leave no doubt are read, and each is told", () => {
  const slips: readonly (readonly [text: string, keyword: string, value: unknown, warning: string])[] = [
    ["key     = 5", "KEY", 5, 'header card 2 (KEY): keyword "key" is read as KEY.'],
    ["KEY=5", "KEY", 5, 'header card 2 (KEY): "= " is not in columns 9 and 10.'],
    ["KEY = 'text'", "KEY", "text", 'header card 2 (KEY): "= " is not in columns 9 and 10.'],
    ["KEY     ='text'", "KEY", "text", 'header card 2 (KEY): "= " is not in columns 9 and 10.'],
    ["KEY     = 'open", "KEY", "open", "header card 2 (KEY): the closing quote is missing."],
    ["KEY     = 'Jy' per beam", "KEY", "Jy", 'header card 2 (KEY): there is text after the closing quote without a "/".'],
    ["KEY     = 12 Jy", "KEY", "12 Jy", 'header card 2 (KEY): "12 Jy" is neither a number nor quoted; kept as text.'],
    ["KEY     = 5 /\ttab", "KEY", 5, "1 header cards hold tabs or other characters outside printable ASCII."],
  ];
  for (const [text, keyword, value, warning] of slips) {
    const header = parseHeader(headerBytes(text));
    assert.deepEqual(header.get(keyword), value, text);
    assert.deepEqual(header.warnings, [warning], text);
  }
});

test("of a keyword with two values the first counts, and that is told", () => {
  const header = parseHeader(headerBytes("BMAJ    = 0.1", "BMAJ    = 0.2", "BMIN    = 0.1", "BMIN    = 0.1"));
  assert.equal(header.number("BMAJ"), 0.1);
  assert.deepEqual(header.warnings, ["header keyword BMAJ has two values, 0.1 and 0.2: the first is used."]);
});

test("the header's length counts whole blocks", () => {
  assert.equal(parseHeader(headerBytes()).byteLength, 2880);
  // 34 cards, SIMPLE and END fill one block of 36 cards exactly; one more begins another.
  const cards = Array.from({ length: 34 }, (_, index) => `K${index} = 1`);
  assert.equal(parseHeader(headerBytes(...cards)).byteLength, 2880);
  assert.equal(parseHeader(headerBytes(...cards, "K34 = 1")).byteLength, 5760);
});

test("bytes that are no header are refused with what stands there", () => {
  const cases: readonly (readonly [bytes: Uint8Array, message: string])[] = [
    [Buffer.from("hello"), 'x.fits: not a FITS file: expected byte 0 to begin with "SIMPLE  =", got "hello".'],
    [
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a),
      'x.fits: not a FITS file: expected byte 0 to begin with "SIMPLE  =", got "PNG\\r\\n" (a PNG picture).',
    ],
    [
      headerBytes().subarray(0, 80),
      "x.fits: the header has no END card: expected one before byte 80. The file may be cut short.",
    ],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(
      () => parseHeader(bytes, "x.fits"),
      (error: unknown) => error instanceof FitsError && error.message === message.replace("PNG", "\x89PNG"),
      message,
    );
  }
  assert.throws(() => parseHeader(Buffer.from("junk"), "x.fits", 5760), {
    message: 'x.fits: not a FITS extension: expected byte 5760 to begin with "XTENSION=", got "junk".',
    byte: 5760,
  });
});

const CARDS: readonly Card[] = [
  { keyword: "SIMPLE", value: true, comment: "conforms to the FITS standard" },
  { keyword: "BITPIX", value: -32 },
  { keyword: "NAXIS", value: 0 },
  { keyword: "BMAJ", value: 0.0021666666666666666, comment: "[deg]" },
  { keyword: "RESTFRQ", value: 1.28e9 },
  { keyword: "TINY", value: -1e-7 },
  { keyword: "HUGE", value: 1.5e300 },
  { keyword: "BIG", value: 9223372036854775807n },
  { keyword: "BUNIT", value: "Jy/beam", comment: "a comment that is far too long for the room that is left on this card" },
  { keyword: "OBSERVER", value: "O'Neil" },
  { keyword: "EMPTY", value: "" },
  { keyword: "UNKNOWN", value: null, comment: "no value" },
  { keyword: "LONG", value: `${"it's long ".repeat(12)}- the end`, comment: "over three cards" },
  { keyword: "ESO TEL ALT", value: 45.5 },
  { keyword: "HISTORY", value: `cleaned ${"again and ".repeat(9)}again` },
  { keyword: "COMMENT", value: "" },
];

test("a written header is what was looked at and found right", () => {
  const text = Buffer.from(formatHeader(CARDS)).toString("latin1");
  assert.equal(text.length % 2880, 0);
  const lines = text.match(/.{80}/g)!.map((card) => card.trimEnd());
  assertGolden("sky/header.txt", `${lines.join("\n").trimEnd()}\n`);
});

test("reading a written header gives the cards back, but for a comment that had to be cut", () => {
  const header = parseHeader(formatHeader(CARDS));
  assert.deepEqual(header.warnings, []);
  const wanted = CARDS.flatMap((card): readonly Card[] => {
    if (card.keyword === "BUNIT") return [{ ...card, comment: card.comment!.slice(0, 47).trimEnd() }];
    if (card.keyword !== "HISTORY") return [card];
    const text = String(card.value);
    return [
      { keyword: "HISTORY", value: text.slice(0, 72).trimEnd() },
      { keyword: "HISTORY", value: text.slice(72) },
    ];
  });
  assert.deepEqual(header.cards, wanted);
});

test("a value behind a long HIERARCH keyword is written whole", () => {
  const keyword = `ESO ${"DEEP ".repeat(11)}KEY`; // with "HIERARCH " and " = " 74 characters
  for (const value of [12345, -0.5, "ab", true]) {
    const [, card] = parseHeader(
      formatHeader([
        { keyword: "SIMPLE", value: true },
        { keyword, value },
      ]),
    ).cards;
    assert.deepEqual(card, { keyword, value });
  }
});

test("what FITS cannot hold is refused when it is written", () => {
  const refused: readonly (readonly [card: Card, message: string])[] = [
    [
      { keyword: "KEY", value: Number.NaN },
      "FITS card KEY: expected a finite number, got NaN. FITS headers have no NaN and no infinity.",
    ],
    [{ keyword: "KEY", value: "µJy" }, 'FITS card KEY: expected printable ASCII, got "KEYµJy".'],
    [
      { keyword: "ESO LONG", value: "x".repeat(80) },
      "FITS card ESO LONG: the text of 80 characters does not fit on a HIERARCH card.",
    ],
    [
      { keyword: `ESO ${"DEEP ".repeat(11)}KEY`, value: 1234567 },
      `FITS card ESO ${"DEEP ".repeat(11)}KEY: the value 1234567 does not fit on a HIERARCH card behind so long a keyword.`,
    ],
  ];
  for (const [card, message] of refused) assert.throws(() => formatHeader([card]), { name: "FitsError", message });
});

test("smoothing that HCOMPRESS_1 asks for is not done, and told", () => {
  const ofTable = (smooth: number) =>
    imageHeaderOf(
      parseHeader(
        formatHeader([
          { keyword: "XTENSION", value: "BINTABLE", comment: "" },
          { keyword: "ZNAXIS1", value: 4, comment: "" },
          { keyword: "ZNAME1", value: "SCALE", comment: "" },
          { keyword: "ZVAL1", value: 1, comment: "" },
          { keyword: "ZNAME2", value: "SMOOTH", comment: "" },
          { keyword: "ZVAL2", value: smooth, comment: "" },
        ]),
        "x.fits",
      ),
    );
  assert.deepEqual(ofTable(1).warnings, ["HCOMPRESS_1 asks for smoothing (SMOOTH), which is not done."]);
  assert.deepEqual(ofTable(0).warnings, []);
  assert.equal(ofTable(1).number("NAXIS1"), 4);
});
