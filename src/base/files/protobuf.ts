// Protocol Buffers wire format, writing only: the little that ONNX models and TensorBoard events need.

const ENCODER = new TextEncoder();
/** The varints of 0 to 127: most tags and lengths. */
const SHORT_VARINTS = Array.from({ length: 128 }, (_, value) => Uint8Array.of(value));

/** Collects the fields of one message. Field numbers are the .proto file's. */
export class ProtoWriter {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /** An int32, int64, enum or bool field. `value` is a safe integer; negatives take ten bytes, as the format asks. */
  varint(field: number, value: number | bigint): this {
    return this.#tag(field, 0).#append(varintBytes(value));
  }

  /** A float field (32 bits). */
  float(field: number, value: number): this {
    return this.#tag(field, 5).#append(new Uint8Array(Float32Array.of(value).buffer));
  }

  /** A double field (64 bits). */
  double(field: number, value: number): this {
    return this.#tag(field, 1).#append(new Uint8Array(Float64Array.of(value).buffer));
  }

  /** A string field, UTF-8. */
  string(field: number, text: string): this {
    return this.bytes(field, ENCODER.encode(text));
  }

  /** A bytes field. The bytes are not copied until `finish`. */
  bytes(field: number, bytes: Uint8Array): this {
    return this.#tag(field, 2).#append(varintBytes(bytes.length)).#append(bytes);
  }

  /** A nested message. */
  message(field: number, message: ProtoWriter): this {
    this.#tag(field, 2).#append(varintBytes(message.#length));
    for (const chunk of message.#chunks) this.#append(chunk);
    return this;
  }

  /** A packed repeated integer field. */
  packedVarints(field: number, values: readonly (number | bigint)[]): this {
    const body = new ProtoWriter();
    for (const value of values) body.#append(varintBytes(value));
    return this.message(field, body);
  }

  /** The message's bytes. */
  finish(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk, offset);
      offset += chunk.length;
    }
    return out;
  }

  #tag(field: number, wireType: number): this {
    return this.#append(varintBytes(field * 8 + wireType));
  }

  #append(bytes: Uint8Array): this {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    return this;
  }
}

function varintBytes(value: number | bigint): Uint8Array {
  const short = typeof value === "number" ? SHORT_VARINTS[value] : undefined;
  if (short !== undefined) return short;
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
