// Door of engine/runtime to ONNX Runtime on this machine: devices, the arrays they hold, and sessions.
export { type Device, type DeviceName, type DeviceOptions, openDevice } from "./native/device.ts";
export type { DeviceArray, NamedDeviceArrays, ResidentArray } from "./native/device-array.ts";
export type { NamedArrays, OpenOptions, Session } from "./native/session.ts";
export type { TensorInfo } from "./native/session-handle.ts";
