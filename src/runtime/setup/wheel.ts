/** Extracts TensorFlow's libraries from its official Python wheel. */
import { readFile, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFolder } from '../cache';
import { fileSizes, haveSizes, type FileSizes } from './file-sizes';
import { Obstacle, obstacle } from './obstacle';
import { ProgramFailed, runProgram } from './run-program';
import { temporaryFolder } from '../../core/io/temporary-folder';

/** The TensorFlow version that a set-up downloads from the Python package index. */
export const tensorFlowVersion = '2.21.0';

export interface WheelOptions {
  readonly gpu: boolean;
  readonly cache: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Is called after each step with the seconds it took. */
  readonly onStep: (step: string, seconds: number) => void;
}

/** Wheels are chosen for this Python version, whatever the machine has: only the libraries inside are used. */
const wheelPython = '3.11';
const wanted =
  /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2|include\/(tensorflow\/(c|core\/platform)|xla\/tsl|tsl)\/.*)$/;
const wantedOfNvidia = /^nvidia\/[^/]+\/(lib\/.*\.so[.\d]*|bin\/(ptxas|nvlink)|nvvm\/libdevice\/.*)$/;
/** The peak disk space in bytes: a wheel together with the files unpacked from it. */
const room = { cpu: 1.25e9, gpu: 6.5e9 };

const installPython =
  'install Python 3 with pip (Debian, Ubuntu: apt install python3 python3-pip; Fedora: dnf install python3-pip)';

/**
 * TensorFlow's libraries and headers in the cache; downloads the official wheel if they are not there yet.
 *
 * @returns the folder, with the same layout as the wheel
 * @throws Obstacle when they cannot be installed on this machine
 */
export async function tensorFlowFromWheel(options: WheelOptions): Promise<string> {
  const { gpu, cache, environment } = options;
  // On arm64 the plain wheel is the one for CPUs.
  const wheel = gpu || process.arch === 'arm64' ? 'tensorflow' : 'tensorflow-cpu';
  const folder = join(cache, `tensorflow-${gpu ? 'gpu' : 'cpu'}-${tensorFlowVersion}-${process.arch}`);
  if (await isComplete(folder)) return folder;
  await checkPip(environment);
  const temporary = await temporaryFolder(cache);
  try {
    await checkRoom(cache, gpu ? room.gpu : room.cpu);
    const unpacked = join(temporary, 'unpacked');
    const needs = await takeWheels([`${wheel}==${tensorFlowVersion}`], wanted, unpacked, temporary, options);
    if (gpu) await takeWheels(needs, wantedOfNvidia, unpacked, temporary, options);
    await writeFile(join(unpacked, 'sizes.json'), JSON.stringify(await sizes(unpacked)));
    await replaceFolder(unpacked, folder, temporary);
    return folder;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function checkPip(environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    await runProgram('python3', ['-m', 'pip', '--version'], { environment });
  } catch (error) {
    const missing = error instanceof ProgramFailed && error.missing;
    throw new Obstacle(missing ? 'python3 is not there' : 'python3 has no pip', installPython);
  }
}

async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  const found = Math.round((bavail * bsize) / 1e6);
  throw new Obstacle(
    `the disk is full: expected ${bytes / 1e6} MB of room in ${folder}, found ${found} MB`,
    'make room or set LINEAGE_CACHE',
  );
}

/**
 * Downloads wheels one after the other, so that only one at a time takes up disk space besides the unpacked files.
 *
 * @returns the CUDA library wheels that they require
 */
async function takeWheels(
  requirements: readonly string[],
  wantedFiles: RegExp,
  target: string,
  temporary: string,
  options: WheelOptions,
): Promise<string[]> {
  const needs: string[] = [];
  // pip and the compiler put their temporary files where there is enough space, not in a small /tmp.
  const environment = { ...options.environment, TMPDIR: temporary };
  for (const requirement of requirements) {
    const wheels = join(temporary, 'wheels');
    let started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    try {
      await runProgram('python3', pipDownload(requirement, wheels), { environment });
      options.onStep(`${requirement} downloaded`, seconds());
      started = performance.now();
      for (const wheel of await readdir(wheels)) {
        const parameters = ['-c', unpack, join(wheels, wheel), target, wantedFiles.source];
        const printed = await runProgram('python3', parameters, { environment });
        needs.push(...printed.split('\n').filter(Boolean));
      }
    } catch (error) {
      throw obstacle(error, `taking ${requirement} from the Python package index`, options.cache);
    }
    options.onStep(`${requirement} unpacked`, seconds());
    await rm(wheels, { recursive: true });
  }
  return needs;
}

function pipDownload(requirement: string, target: string): string[] {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const platforms = ['manylinux_2_27', 'manylinux_2_17', 'manylinux2014', 'manylinux1'];
  return [
    ...['-m', 'pip', 'download', requirement, '--dest', target, '--no-deps', '--only-binary=:all:'],
    ...[
      '--python-version',
      wheelPython,
      ...platforms.flatMap((name) => ['--platform', `${name}_${machine}`]),
    ],
    ...['--no-cache-dir', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off', '--quiet'],
  ];
}

/** Streams the required files out of a wheel, and prints which library wheels it requires on a GPU. */
const unpack = `
import os, re, shutil, sys, zipfile
wheel, target, wanted = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        if entry.filename.endswith('/'):
            continue
        path = os.path.join(target, *entry.filename.split('/'))
        if re.match(wanted, entry.filename):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with archive.open(entry) as source, open(path, 'wb') as file:
                shutil.copyfileobj(source, file, 1 << 20)
            os.chmod(path, 0o755 if entry.external_attr >> 16 & 0o100 else 0o644)
        elif re.match(r'tensorflow[^/]*\\.dist-info/METADATA$', entry.filename):
            needs = re.findall(r'^Requires-Dist: (nvidia-[^;]+?)\\s*;.*and-cuda', archive.read(entry).decode(), re.M)
            print('\\n'.join(needs))
`;

/** The sizes of the files whose loss would otherwise go unnoticed until they are loaded. */
async function sizes(folder: string): Promise<FileSizes> {
  const files = await readdir(folder, { recursive: true });
  return fileSizes(
    folder,
    files.filter((name) => /\.so[.\d]*$|c_api\.h$/.test(name)),
  );
}

/** Whether a folder in the cache still has all its files. */
async function isComplete(folder: string): Promise<boolean> {
  try {
    return haveSizes(folder, JSON.parse(await readFile(join(folder, 'sizes.json'), 'utf8')) as FileSizes);
  } catch {
    return false;
  }
}
