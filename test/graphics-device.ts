// A graphics device for tests: the machine's own where Vulkan is told of one, else SwiftShader, Chromium's in software.
import { existsSync } from "node:fs";

/** Where Debian's package chromium puts it. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

/**
 * `skip` for a test's options: false where there is a device, else the reason. To be called before a device is opened: the Vulkan
 * loader reads VK_DRIVER_FILES then. With CI set a missing device throws instead.
 */
export function graphicsDeviceSkip(): string | false {
  if (process.env["VK_DRIVER_FILES"]) return false;
  if (existsSync(SWIFTSHADER)) {
    process.env["VK_DRIVER_FILES"] = SWIFTSHADER;
    return false;
  }
  const reason = `no graphics device for tests: expected ${SWIFTSHADER} (Debian: apt-get install chromium libvulkan1) or VK_DRIVER_FILES`;
  if (process.env["CI"]) throw new Error(`${reason}; with CI set this fails.`);
  return reason;
}
