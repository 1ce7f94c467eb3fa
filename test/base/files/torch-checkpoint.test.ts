// PyTorch's files against what torch itself says of them, and pickles that ask for more than numbers.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { NdArray } from "#base/array";
import { isDictionary, isTorchTensor, type PickleValue, unpickle } from "#base/files";
import { openTorchCheckpoint, type TorchCheckpoint } from "#base/files/disk";
import { storageOf, TORCH_GLOBALS } from "../../../src/base/files/pickle/torch-globals.ts";
import { realData } from "../../real-data.ts";

const data = realData("checkpoints");

/** expected_torch.json: what torch.load gave. */
interface ExpectedTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly sum: number;
  readonly first: readonly number[];
}

const isExpectedTensor = (value: unknown): value is ExpectedTensor =>
  typeof value === "object" && value !== null && "dtype" in value && "stride" in value;

/** The 16 bits of an IEEE half as a number. */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function numbersOf({ dtype, data: elements }: NdArray): number[] {
  return Array.from(elements as ArrayLike<number | bigint>, (element) =>
    dtype === "float16" ? half(Number(element)) : Number(element),
  ); // of either kind of number
}

/** Compares a value and all that is in it; gives the number of tensors met. */
function assertContent(checkpoint: TorchCheckpoint, got: PickleValue | undefined, expected: unknown, where: string): number {
  if (isExpectedTensor(expected)) {
    assert.ok(isTorchTensor(got), `${where}: expected a tensor`);
    assert.equal(`torch.${got.storedType}`, expected.dtype, where);
    assert.deepEqual([got.shape, got.strides], [expected.shape, expected.stride], where);
    const numbers = numbersOf(checkpoint.read(got));
    assert.deepEqual(numbers.slice(0, expected.first.length), expected.first, where);
    const sum = numbers.reduce((total, value) => total + value, 0);
    assert.ok(
      Math.abs(sum - expected.sum) <= 1e-6 * Math.max(1, Math.abs(expected.sum)),
      `${where}: sum ${sum}, not ${expected.sum}`,
    );
    return 1;
  }
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(got), `${where}: expected a list`);
    assert.equal(got.length, expected.length, where);
    return expected.reduce(
      (count: number, item, index) => count + assertContent(checkpoint, got[index], item, `${where}[${index}]`),
      0,
    );
  }
  if (typeof expected === "object" && expected !== null) {
    assert.ok(isDictionary(got), `${where}: expected a dictionary`);
    const byText = new Map([...got].map(([key, value]) => [String(key), value]));
    return Object.entries(expected).reduce(
      (count, [key, value]) => count + assertContent(checkpoint, byText.get(key), value, `${where}.${key}`),
      0,
    );
  }
  // A namespace is expected as Python prints it.
  if (typeof expected === "string" && expected.startsWith("Namespace(")) {
    assert.ok(typeof got === "object" && got !== null && "kind" in got && got.kind === "namespace", where);
    return 0;
  }
  assert.deepEqual(got, expected, where);
  return 0;
}

test("every checkpoint of the folder reads as torch read it", { skip: data.skip }, () => {
  const expected: Record<string, { readonly content: unknown }> = JSON.parse(
    readFileSync(join(data.path, "expected_torch.json"), "utf8"),
  );
  const files = readdirSync(data.path).filter((name) => /\.pth?$/.test(name));
  assert.deepEqual(files.toSorted(), Object.keys(expected).toSorted());
  for (const name of files) {
    const checkpoint = openTorchCheckpoint(join(data.path, name));
    assert.ok(assertContent(checkpoint, checkpoint.content, expected[name]!.content, name) > 4, name);
    checkpoint.close();
  }
});

/** A file of these bytes that is gone after the test. */
function fileOf(t: TestContext, bytes: Uint8Array | string): string {
  const folder = mkdtempSync(join(tmpdir(), "suricate-torch-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file.pth");
  writeFileSync(path, bytes);
  return path;
}

const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test("a pickle that calls os.system is refused by that name, and nothing is run", () => {
  assert.throws(
    () => unpickle(bytesOf("cos\nsystem\n(S'touch /nowhere'\ntR."), "evil.pkl"),
    /^FileFormatError: evil\.pkl: byte 11: it asks for os\.system, which is not among the names that are known to be harmless\. It is not read\.$/,
  );
  for (const name of ["builtins\neval", "posix\nsystem", "torch\nload", "__main__\nModel"]) {
    assert.throws(() => unpickle(bytesOf(`c${name}\n.`), "evil.pkl"), new RegExp(`it asks for ${name.replace("\n", "\\.")}`));
  }
});

test("names of a language's own objects are not taken for known ones", () => {
  for (const name of ["constructor", "__proto__", "toString"]) {
    assert.throws(() => unpickle(bytesOf(`c${name}\n\n.`)), /it asks for/);
  }
});

test("values of every protocol are read: numbers, texts, bytes, lists, dictionaries, and what is remembered", () => {
  // pickletools.dis of each: (1, -2, 2**70, 2.5, True, None, 'é', b'\x00\xff') in protocols 0, 2 and 4.
  const protocol0 = "(I1\nI-2\nL1180591620717411303424L\nF2.5\nI01\nNV\xe9\nt.";
  assert.deepEqual(unpickle(bytesOf(protocol0)), [1, -2, 2n ** 70n, 2.5, true, null, "é"]);
  const binary = Uint8Array.of(
    0x80,
    4,
    0x28,
    0x4b,
    7,
    0x4a,
    0xfe,
    0xff,
    0xff,
    0xff,
    0x43,
    2,
    0,
    0xff,
    0x8c,
    2,
    0xc3,
    0xa9,
    0x74,
    0x2e,
  );
  assert.deepEqual(unpickle(binary), [7, -2, Uint8Array.of(0, 255), "é"]);
  const remembered = "(lp0\nI5\nag0\na.";
  const list = unpickle(bytesOf(remembered)) as PickleValue[]; // a list that holds itself
  assert.equal(list[0], 5);
  assert.equal(list[1], list);
  assert.deepEqual(unpickle(bytesOf("(dS'a'\nI1\ns.")), new Map([["a", 1]]));
});

test("a numpy array comes with its shape and type, and one whose bytes do not fill it is refused", () => {
  const array = (shape: string) =>
    `cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntC\x01btR(I1\n${shape}cnumpy\ndtype\n(S'u1'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntbI00\nC\x06\x00\x01\x02\x03\x04\x05tb.`;
  assert.deepEqual(unpickle(bytesOf(array("(I2\nI3\nt"))), {
    dtype: "uint8",
    shape: [2, 3],
    data: Uint8Array.of(0, 1, 2, 3, 4, 5),
  });
  assert.throws(
    () => unpickle(bytesOf(array("(I2\nI4\nt"))),
    /numpy\.core\.multiarray\._reconstruct: expected 8 bytes of uint8, got 6\.$/,
  );
});

const MALFORMED: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ["nothing", "", /it is not a torch checkpoint: expected a zip archive or torch's legacy magic number\.$/],
  ["text", "<html>not found</html>", /it is not a torch checkpoint/],
  ["a zip cut short", "PK\x03\x04 and no more", /it is not a zip archive that can be read/],
];
for (const [what, bytes, message] of MALFORMED) {
  test(`${what} is refused as a checkpoint in one line`, (t) => {
    assert.throws(
      () => openTorchCheckpoint(fileOf(t, bytes)),
      (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes("\n"));
        return error.name === "FileFormatError";
      },
    );
  });
}

test("a checkpoint cut short at any place is refused or reads only what is whole", { skip: data.skip }, (t) => {
  for (const name of ["odd_dtypes_zip.pth", "odd_dtypes_legacy.pth"]) {
    const whole = readFileSync(join(data.path, name));
    for (let end = 0; end < whole.length; end += 97) {
      const path = fileOf(t, whole.subarray(0, end));
      assert.throws(() => openTorchCheckpoint(path), { name: "FileFormatError" }, `${name} at ${end}`);
    }
  }
});

test("a tensor that reaches beyond its storage, or repeats a number a billion times, is refused before anything is allocated", () => {
  const tensor = (shape: string, strides: string) =>
    `ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI10\ntQI0\n${shape}${strides}I00\nNtR.`;
  const read = (text: string) => unpickle(bytesOf(text), "file.pth", { globals: TORCH_GLOBALS, persistent: storageOf });
  assert.ok(isTorchTensor(read(tensor("(I5\nt", "(I2\nt"))));
  assert.throws(
    () => read(tensor("(I6\nt", "(I2\nt")),
    /expected a tensor inside its storage of 10 elements, got shape \[6\] with strides \[2\] from 0\.$/,
  );
  assert.throws(
    () => read(tensor("(I1000000000\nt", "(I0\nt")),
    /expected at most 10 elements, as the storage has, got shape \[1000000000\]\.$/,
  );
});
