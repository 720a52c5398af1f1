/*
 * Stands between a program and the file system: counts the operations that change something below a folder, and at one
 * of them kills the process or lets the operation fail.
 *
 *   cc -shared -fPIC -O2 -o failing-disk.so failing-disk.c -ldl
 *   LD_PRELOAD=./failing-disk.so FAILING_BELOW=/folder FAILING_AT=7 FAILING_AS=half-kill program
 *
 * FAILING_AS is `kill` (before the operation), `half-kill` (after half of the write), `ENOSPC`, `half-ENOSPC`
 * or `EIO`. A disk that has failed keeps failing. FAILING_LOG names a file that gets a line for each operation.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long count;

static int is_below(const char *path) {
  const char *folder = getenv("FAILING_BELOW");
  return folder != NULL && path != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

/* Programs also use paths relative to the working directory. */
static int path_is_below(const char *path) {
  if (path == NULL) return 0;
  if (path[0] == '/') return is_below(path);
  char here[PATH_MAX];
  return getcwd(here, sizeof here) != NULL && is_below(here);
}

static int file_is_below(int file) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_below(path);
}

static void say(const char *what, long number) {
  const char *name = getenv("FAILING_LOG");
  if (name == NULL) return;
  int file = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return;
  char line[64];
  int length = snprintf(line, sizeof line, "%ld %s\n", number, what);
  syscall(SYS_write, file, line, length);
  syscall(SYS_close, file);
}

enum outcome { as_usual, half, refused };

/* Decides the outcome of the next operation; does not return if the process is to be killed at once. */
static enum outcome next(const char *what) {
  long number = atomic_fetch_add(&count, 1) + 1;
  say(what, number);
  const char *at = getenv("FAILING_AT"), *as = getenv("FAILING_AS");
  if (at == NULL || as == NULL || number < atol(at)) return as_usual;
  int now = number == atol(at);
  if (strcmp(as, "kill") == 0) kill(getpid(), SIGKILL);
  if (strcmp(as, "half-kill") == 0) {
    if (now && strstr(what, "write") != NULL) return half;
    kill(getpid(), SIGKILL);
  }
  errno = strcmp(as, "EIO") == 0 ? EIO : ENOSPC;
  /* A full disk still allows files to be removed and renamed. */
  if (errno == ENOSPC && (strstr(what, "unlink") || strstr(what, "rmdir") || strstr(what, "sync") || strstr(what, "rename")))
    return as_usual;
  /* If reads and writes failed too, the remaining files could not be removed. */
  if (errno == EIO && !now && (strstr(what, "unlink") || strstr(what, "rmdir"))) return as_usual;
  return now && strcmp(as, "half-ENOSPC") == 0 && strstr(what, "write") != NULL ? half : refused;
}

static void die_if_asked(void) {
  const char *as = getenv("FAILING_AS");
  if (as != NULL && strcmp(as, "half-kill") == 0) kill(getpid(), SIGKILL);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define WRITE(name, parameters, given, halved)                                          \
  ssize_t name parameters {                                                             \
    ssize_t written;                                                                    \
    if (!file_is_below(file)) return REAL(name) given;                                  \
    switch (next(#name)) {                                                              \
    case as_usual:                                                                      \
      return REAL(name) given;                                                          \
    case half:                                                                          \
      written = halved;                                                                 \
      die_if_asked();                                                                   \
      return written;                                                                   \
    default:                                                                            \
      return -1;                                                                        \
    }                                                                                   \
  }

WRITE(write, (int file, const void *bytes, size_t size), (file, bytes, size), REAL(write)(file, bytes, size / 2))
WRITE(pwrite, (int file, const void *bytes, size_t size, off_t at), (file, bytes, size, at),
      REAL(pwrite)(file, bytes, size / 2, at))
WRITE(pwrite64, (int file, const void *bytes, size_t size, off64_t at), (file, bytes, size, at),
      REAL(pwrite64)(file, bytes, size / 2, at))
WRITE(writev, (int file, const struct iovec *parts, int number), (file, parts, number),
      REAL(write)(file, parts[0].iov_base, parts[0].iov_len / 2))
WRITE(pwritev, (int file, const struct iovec *parts, int number, off_t at), (file, parts, number, at),
      REAL(pwrite)(file, parts[0].iov_base, parts[0].iov_len / 2, at))
WRITE(pwritev64, (int file, const struct iovec *parts, int number, off64_t at), (file, parts, number, at),
      REAL(pwrite64)(file, parts[0].iov_base, parts[0].iov_len / 2, at))
WRITE(copy_file_range, (int from, off64_t *start, int file, off64_t *at, size_t size, unsigned int flags),
      (from, start, file, at, size, flags), REAL(copy_file_range)(from, start, file, at, size / 2, flags))

#define CHANGE(name, below, parameters, given)                                          \
  int name parameters {                                                                 \
    return below && next(#name) != as_usual ? -1 : REAL(name) given;                    \
  }

CHANGE(fsync, file_is_below(file), (int file), (file))
CHANGE(fdatasync, file_is_below(file), (int file), (file))
CHANGE(ftruncate, file_is_below(file), (int file, off_t size), (file, size))
CHANGE(ftruncate64, file_is_below(file), (int file, off64_t size), (file, size))
CHANGE(mkdir, path_is_below(path), (const char *path, mode_t mode), (path, mode))
CHANGE(rmdir, path_is_below(path), (const char *path), (path))
CHANGE(unlink, path_is_below(path), (const char *path), (path))
CHANGE(unlinkat, path_is_below(path), (int folder, const char *path, int flags), (folder, path, flags))
CHANGE(rename, path_is_below(to), (const char *from, const char *to), (from, to))
CHANGE(link, path_is_below(to), (const char *from, const char *to), (from, to))
CHANGE(symlink, path_is_below(to), (const char *from, const char *to), (from, to))

#define OPEN(name)                                                                      \
  int name(const char *path, int flags, ...) {                                          \
    va_list rest;                                                                       \
    va_start(rest, flags);                                                              \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                           \
    va_end(rest);                                                                       \
    int changes = (flags & O_CREAT) && path_is_below(path);                             \
    return changes && next(#name) != as_usual ? -1 : REAL(name)(path, flags, mode);     \
  }

OPEN(open)
OPEN(open64)
