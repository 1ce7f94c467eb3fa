// Door of engine/runtime to ONNX Runtime on this machine: devices, the arrays they hold, and sessions.
export { checkOnnxFile } from "./native/check-onnx-file.ts";
export { type Device, type DeviceName, type DeviceOptions, openDevice } from "./native/device.ts";
export type { DeviceArray, NamedDeviceArrays, ResidentArray } from "./native/device-array.ts";
export { type GuestModel, type GuestOptions, openGuestModel } from "./native/guest-model.ts";
export type { NamedArrays, OpenOptions, Session } from "./native/session.ts";
export type { ModelFile, TensorInfo } from "./native/session-handle.ts";
