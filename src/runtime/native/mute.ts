/** Turns standard error off while TensorFlow's library is loaded, because it prints lines at every start. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A Node addon that turns standard error off and on again, built next to the binding. TensorFlow prints lines at every
 * start that none of its settings can silence, because they are written while the library is being loaded.
 */
export const muteSource = `
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

static int saved = -1;

static napi_value mute(napi_env, napi_callback_info) {
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (saved < 0 && nowhere >= 0) {
    saved = fcntl(2, F_DUPFD_CLOEXEC, 3);
    if (saved >= 0) dup2(nowhere, 2);
  }
  if (nowhere >= 0) close(nowhere);
  return nullptr;
}

static napi_value unmute(napi_env, napi_callback_info) {
  if (saved >= 0) {
    dup2(saved, 2);
    close(saved);
    saved = -1;
  }
  return nullptr;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "mute", NAPI_AUTO_LENGTH, mute, nullptr, &function);
  napi_set_named_property(env, exports, "mute", function);
  napi_create_function(env, "unmute", NAPI_AUTO_LENGTH, unmute, nullptr, &function);
  napi_set_named_property(env, exports, "unmute", function);
  return exports;
}
`;

interface Mute {
  mute(): void;
  unmute(): void;
}

/** Runs `work` with standard error off, if the addon was built and the user did not ask for all output. */
export function muted<T>(packageFolder: string, load: (path: string) => unknown, work: () => T): T {
  const addon = join(packageFolder, 'lib', 'napi-v8', 'mute.node');
  if (process.env.TF_CPP_MIN_LOG_LEVEL === '0' || !existsSync(addon)) return work();
  const { mute, unmute } = load(addon) as Mute;
  mute();
  try {
    return work();
  } finally {
    unmute();
  }
}
