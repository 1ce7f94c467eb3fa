// An ONNX file of others before ONNX Runtime sees it: its description read, its sizes checked, its other files found.
import { realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { type ByteSource, FileFormatError } from "#base/files";
import { type OpenFile, openFile } from "#base/files/disk";
import { type OnnxSummary, summariseOnnx } from "../onnx-summary.ts";
import type { ExternalData } from "../onnx-tensor-proto.ts";

/** What one message of Protocol Buffers can hold. Larger models keep their weights in other files. */
const MOST_BYTES = 2 ** 31 - 1;
/** The operator sets that ONNX Runtime brings. */
const KNOWN_DOMAINS: ReadonlySet<string> = new Set([
  ...["", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview.training", "com.microsoft", "com.microsoft.nchwc", "com.ms.internal.nhwc"],
]);
const WINDOW_BYTES = 2 ** 16;

/** Reads and checks an ONNX file and where its external data lie. Throws FileFormatError and FileError, naming the file. */
export function checkOnnxFile(path: string): OnnxSummary {
  const file = openFile(path);
  try {
    if (file.numBytes > MOST_BYTES)
      throw new FileFormatError(
        `${path}: expected an ONNX file of at most ${MOST_BYTES} bytes, got ${file.numBytes}. Larger weights stand in other files.`,
      );
    const summary = summariseOnnx(windowed(file), path);
    const { domains, functionDomains } = summary;
    const foreign = [...domains].filter((domain) => !KNOWN_DOMAINS.has(domain) && !functionDomains.has(domain));
    if (foreign.length > 0)
      throw new FileFormatError(
        `${path}: expected operators of ai.onnx or com.microsoft, got some of "${foreign.join('", "')}".`,
      );
    const folder = realpathSync(dirname(resolve(path)));
    for (const external of summary.external) checkExternal(external, folder, path);
    return summary;
  } finally {
    file.close();
  }
}

/** A model may read the files beside it and nothing else. */
function checkExternal({ tensor, location, offset, numBytes }: ExternalData, folder: string, path: string): void {
  const where = `${path}: external data of "${tensor.slice(0, 80)}"`;
  const inFolder = (target: string) => {
    const way = relative(folder, target);
    return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  };
  const target = resolve(folder, location);
  if (isAbsolute(location) || location.includes("\0") || !inFolder(target))
    throw new FileFormatError(`${where}: expected a file in the model's folder, got "${location.slice(0, 200)}".`);
  const found = statSync(target, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new FileFormatError(`${where}: expected a file ${target}, got none.`);
  if (!inFolder(realpathSync(target)))
    throw new FileFormatError(`${where}: expected a file in the model's folder, got "${location}", which links out of it.`);
  if (offset + numBytes > found.size)
    throw new FileFormatError(
      `${where}: expected ${numBytes} bytes from byte ${offset} of ${target}, got a file of ${found.size}. The file is cut short.`,
    );
}

/** Small reads served from one window, so that a field costs no system call. */
function windowed(file: OpenFile): ByteSource {
  const window = new Uint8Array(WINDOW_BYTES);
  let [first, last] = [0, 0];
  return {
    numBytes: file.numBytes,
    read(start, end) {
      if (end - start > WINDOW_BYTES) {
        const whole = new Uint8Array(end - start);
        file.readInto(whole, start);
        return whole;
      }
      if (start < first || end > last) {
        [first, last] = [start, Math.min(start + WINDOW_BYTES, file.numBytes)];
        file.readInto(window.subarray(0, last - first), first);
      }
      return window.subarray(start - first, end - first);
    },
  };
}
