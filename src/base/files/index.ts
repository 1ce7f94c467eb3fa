// Door of base/files: byte formats that need no disk.
export * from "./protobuf.ts";
