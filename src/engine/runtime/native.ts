// Door of engine/runtime to ONNX Runtime on this machine: devices and sessions.
export { type Device, type DeviceName, type DeviceOptions, openDevice } from "./native/device.ts";
export type { NamedArrays, OpenOptions, Session } from "./native/session.ts";
export type { TensorInfo } from "./native/session-handle.ts";
