// The smallest ONNX model: y is x. Run on a device, it copies from, to and in the device's memory.
import { ProtoWriter } from "#base/files";
import { ONNX_ELEMENT_TYPE, OPSET } from "#engine/graph";

/** Input `x` and output `y`, float32 of any length. */
export function copyModel(): Uint8Array {
  const graph = new ProtoWriter()
    .message(1, new ProtoWriter().string(1, "x").string(2, "y").string(3, "copy").string(4, "Identity"))
    .string(2, "copy")
    .message(11, vectorInfo("x"))
    .message(12, vectorInfo("y"));
  return new ProtoWriter().varint(1, 8).message(7, graph).message(8, new ProtoWriter().string(1, "").varint(2, OPSET)).finish();
}

/** ValueInfoProto of a vector whose length is free. */
function vectorInfo(name: string): ProtoWriter {
  const shape = new ProtoWriter().message(1, new ProtoWriter().string(2, "n"));
  const tensorType = new ProtoWriter().varint(1, ONNX_ELEMENT_TYPE.float32).message(2, shape);
  return new ProtoWriter().string(1, name).message(2, new ProtoWriter().message(1, tensorType));
}
