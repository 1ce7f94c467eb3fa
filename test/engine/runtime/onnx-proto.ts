// The fields of onnx.proto3 that models from this project have, for protobufjs: an outside decoder of what formatOnnx writes.
import protobuf from "protobufjs";

/** Field numbers and types as in onnx.proto3 (onnx 1.12, IR version 8). */
const DESCRIPTOR = {
  nested: {
    onnx: {
      nested: {
        ModelProto: {
          fields: {
            irVersion: { id: 1, type: "int64" },
            producerName: { id: 2, type: "string" },
            graph: { id: 7, type: "GraphProto" },
            opsetImport: { id: 8, type: "OperatorSetIdProto", rule: "repeated" },
            metadataProps: { id: 14, type: "StringStringEntryProto", rule: "repeated" },
          },
        },
        OperatorSetIdProto: { fields: { domain: { id: 1, type: "string" }, version: { id: 2, type: "int64" } } },
        StringStringEntryProto: { fields: { key: { id: 1, type: "string" }, value: { id: 2, type: "string" } } },
        GraphProto: {
          fields: {
            node: { id: 1, type: "NodeProto", rule: "repeated" },
            name: { id: 2, type: "string" },
            initializer: { id: 5, type: "TensorProto", rule: "repeated" },
            input: { id: 11, type: "ValueInfoProto", rule: "repeated" },
            output: { id: 12, type: "ValueInfoProto", rule: "repeated" },
          },
        },
        NodeProto: {
          fields: {
            input: { id: 1, type: "string", rule: "repeated" },
            output: { id: 2, type: "string", rule: "repeated" },
            name: { id: 3, type: "string" },
            opType: { id: 4, type: "string" },
            attribute: { id: 5, type: "AttributeProto", rule: "repeated" },
            domain: { id: 7, type: "string" },
          },
        },
        AttributeProto: {
          fields: {
            name: { id: 1, type: "string" },
            f: { id: 2, type: "float" },
            i: { id: 3, type: "int64" },
            s: { id: 4, type: "bytes" },
            ints: { id: 8, type: "int64", rule: "repeated" },
            type: { id: 20, type: "AttributeType" },
          },
          nested: {
            AttributeType: { values: { UNDEFINED: 0, FLOAT: 1, INT: 2, STRING: 3, TENSOR: 4, GRAPH: 5, FLOATS: 6, INTS: 7 } },
          },
        },
        TensorProto: {
          fields: {
            dims: { id: 1, type: "int64", rule: "repeated" },
            dataType: { id: 2, type: "int32" },
            name: { id: 8, type: "string" },
            rawData: { id: 9, type: "bytes" },
            externalData: { id: 13, type: "StringStringEntryProto", rule: "repeated" },
            dataLocation: { id: 14, type: "DataLocation" },
          },
          nested: { DataLocation: { values: { DEFAULT: 0, EXTERNAL: 1 } } },
        },
        ValueInfoProto: { fields: { name: { id: 1, type: "string" }, type: { id: 2, type: "TypeProto" } } },
        TypeProto: {
          fields: { tensorType: { id: 1, type: "Tensor" } },
          nested: {
            Tensor: { fields: { elemType: { id: 1, type: "int32" }, shape: { id: 2, type: "TensorShapeProto" } } },
          },
        },
        TensorShapeProto: {
          fields: { dim: { id: 1, type: "Dimension", rule: "repeated" } },
          nested: { Dimension: { fields: { dimValue: { id: 1, type: "int64" }, dimParam: { id: 2, type: "string" } } } },
        },
      },
    },
  },
};

export interface DecodedNode {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly attribute: readonly {
    readonly name: string;
    readonly type: string;
    readonly f: number;
    readonly i: number;
    readonly s: Uint8Array;
    readonly ints: readonly number[];
  }[];
}

interface DecodedValue {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: { readonly dim: readonly { readonly dimValue: number; readonly dimParam: string }[] };
    };
  };
}

export interface DecodedModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
  readonly graph: {
    readonly name: string;
    readonly node: readonly DecodedNode[];
    readonly initializer: readonly {
      readonly name: string;
      readonly dims: readonly number[];
      readonly dataType: number;
      readonly rawData: Uint8Array;
      readonly dataLocation: string;
    }[];
    readonly input: readonly DecodedValue[];
    readonly output: readonly DecodedValue[];
  };
}

const modelType = protobuf.Root.fromJSON(DESCRIPTOR).lookupType("onnx.ModelProto");

/** Decodes a model. Unset fields have protobuf's defaults. */
export function decodedModel(bytes: Uint8Array): DecodedModel {
  const options = { longs: Number, enums: String, defaults: true, arrays: true };
  return modelType.toObject(modelType.decode(bytes), options) as DecodedModel; // the descriptor above says so
}

/** "name elemType [sizes]" of an input or output; a free size is its name. */
export function valueText({ name, type }: DecodedValue): string {
  return `${name} ${type.tensorType.elemType} [${type.tensorType.shape.dim.map(({ dimValue, dimParam }) => dimParam || dimValue)}]`;
}
