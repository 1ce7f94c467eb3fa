// A simulated field as MGCLS's files are: four axes, planes of float32, one header.
import { writeFileAtomically } from "#base/files/disk";
import { type Card, formatHeader } from "#sky/fits";

/** FITS files come in blocks of this many bytes (standard 4.0, section 3.1). */
const BLOCK_LENGTH = 2880;

/** Planes [height, width] to write, and the header's other cards. */
export interface FieldCube {
  readonly planes: readonly Float32Array[];
  readonly height: number;
  readonly width: number;
  readonly cards: readonly Card[];
}

/** Writes planes as a FITS image of four axes (columns, rows, planes, one Stokes parameter), atomically. Throws FileError. */
export function writeFieldCube(path: string, { planes, height, width, cards }: FieldCube): void {
  const structure: readonly Card[] = [
    { keyword: "SIMPLE", value: true, comment: "conforms to the FITS standard" },
    { keyword: "BITPIX", value: -32, comment: "32-bit floating point" },
    { keyword: "NAXIS", value: 4 },
    { keyword: "NAXIS1", value: width },
    { keyword: "NAXIS2", value: height },
    { keyword: "NAXIS3", value: planes.length },
    { keyword: "NAXIS4", value: 1 },
  ];
  writeFileAtomically(path, cubeBytes(formatHeader([...structure, ...cards]), planes));
}

/** Big-endian pixels, a plane at a time, and the padding to a whole block. */
function* cubeBytes(header: Uint8Array, planes: readonly Float32Array[]): Iterable<Uint8Array> {
  yield header;
  let length = 0;
  for (const plane of planes) {
    const bytes = Buffer.from(plane.slice().buffer).swap32();
    length += bytes.length;
    yield bytes;
  }
  yield new Uint8Array((BLOCK_LENGTH - (length % BLOCK_LENGTH)) % BLOCK_LENGTH);
}
