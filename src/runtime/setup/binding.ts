/** Installs a Node package's binding: builds it on a TensorFlow installation, or downloads it. */
import { cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { replaceFolder } from '../cache';
import { fileSizes, type FileSizes } from './file-sizes';
import { bindingFile, builtFile, type Built } from '../native/node-package';
import { Obstacle, obstacle } from './obstacle';
import { muteSource } from '../native/mute';
import { ProgramFailed, runProgram } from './run-program';
import type { TensorFlow } from './tensorflow';
import { temporaryFolder } from '../../core/io/temporary-folder';

const fromHere = createRequire(__filename);

/**
 * Builds a Node package's binding on a TensorFlow installation and installs both, whole or not at all.
 *
 * @returns what was built
 * @throws Obstacle when the binding cannot be built, or the result cannot be loaded, on this machine
 */
export async function buildBinding(
  packageFolder: string,
  tensorflow: TensorFlow,
  environment: NodeJS.ProcessEnv,
): Promise<Built> {
  return inPlaceWhenDone(
    packageFolder,
    tensorflow.folder,
    async (staging) => {
      const libraries = join(staging, 'deps', 'lib');
      await mkdir(libraries, { recursive: true });
      await mkdir(join(staging, 'lib', 'napi-v8'), { recursive: true });
      await symlink(tensorflow.include, join(staging, 'deps', 'include'));
      if (tensorflow.nvidia) await symlink(tensorflow.nvidia, join(staging, 'deps', 'nvidia'));
      for (const [name, file] of Object.entries(tensorflow.libraries))
        await symlink(file, join(libraries, name));
      await compile(packageFolder, staging, tensorflow, { ...environment, TMPDIR: staging });
    },
    environment,
  );
}

/**
 * Runs the package's own installation, which downloads the TensorFlow version it was released with.
 *
 * @throws Obstacle when that fails
 */
export async function downloadBinding(
  packageFolder: string,
  gpu: boolean,
  environment: NodeJS.ProcessEnv,
): Promise<Built> {
  return inPlaceWhenDone(
    packageFolder,
    'its own download',
    async (staging) => {
      for (const name of ['package.json', 'binding.gyp', 'binding', 'scripts']) {
        await cp(join(packageFolder, name), join(staging, name), { recursive: true });
      }
      const programs = join(packageFolder, '..', '..', '.bin');
      const path = `${programs}${delimiter}${environment.PATH ?? ''}`;
      await runProgram(process.execPath, [join('scripts', 'install.js'), gpu ? 'gpu' : 'cpu', 'download'], {
        folder: staging,
        environment: { ...environment, PATH: path, TMPDIR: staging },
        minutes: 15,
      });
    },
    environment,
  );
}

/** Calls `make` to fill a staging folder with `deps` and `lib`, tests the result, and swaps it in. */
async function inPlaceWhenDone(
  packageFolder: string,
  from: string,
  make: (staging: string) => Promise<void>,
  environment: NodeJS.ProcessEnv,
): Promise<Built> {
  const staging = await temporaryFolder(packageFolder);
  try {
    await make(staging);
    const built = { tensorflow: await versionOf(staging, environment), from, sizes: await sizes(staging) };
    await writeFile(join(staging, builtFile), JSON.stringify(built));
    // The note that makes the set-up valid is in `lib`, which therefore comes last.
    await rm(join(packageFolder, builtFile), { force: true });
    await replaceFolder(join(staging, 'deps'), join(packageFolder, 'deps'), staging);
    await replaceFolder(join(staging, 'lib'), join(packageFolder, 'lib'), staging);
    return built;
  } catch (error) {
    throw obstacle(error, 'building the binding', packageFolder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/**
 * Compiles the binding. It is linked to empty stand-ins with the libraries' names, because the linker would take longer
 * to read the symbols of an 800 MB library than for everything else, and `versionOf` checks the symbols anyway.
 */
async function compile(
  packageFolder: string,
  staging: string,
  tensorflow: TensorFlow,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const headers = (fromHere('node-api-headers') as { include_dir: string }).include_dir;
  const flags = ['-O2', '-std=c++17', '-shared', '-fPIC', '-DNAPI_VERSION=8', '-w', '-I', headers];
  const standIns = join(staging, 'stand-ins');
  await mkdir(standIns);
  for (const name of tensorflow.needed) {
    const parameters = ['-x', 'c++', '/dev/null', `-Wl,-soname,${name}`, '-o', join(standIns, name)];
    await runCompiler([...flags, ...parameters], environment);
  }
  const sources = (await readdir(join(packageFolder, 'binding'))).filter((name) => name.endsWith('.cc'));
  await runCompiler(
    [
      ...flags,
      ...['-I', join(staging, 'deps', 'include'), '-I', packageFolder],
      ...sources.map((name) => join(packageFolder, 'binding', name)),
      ...['-Wl,--no-as-needed', ...tensorflow.needed.map((name) => join(standIns, name))],
      ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', join(staging, bindingFile)],
    ],
    environment,
  );
  const mute = join(staging, 'mute.cc');
  await writeFile(mute, muteSource);
  await runCompiler([...flags, mute, '-o', join(staging, 'lib', 'napi-v8', 'mute.node')], environment);
}

async function runCompiler(parameters: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  for (const compiler of environment.CXX ? [environment.CXX] : ['g++', 'c++', 'clang++']) {
    try {
      await runProgram(compiler, parameters, { environment });
      return;
    } catch (error) {
      if (!(error instanceof ProgramFailed && error.missing)) throw error;
    }
  }
  throw new Obstacle(
    `a C++ compiler is not there (${environment.CXX ?? 'g++, c++ or clang++'})`,
    'install one (Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++)',
  );
}

/**
 * Loads the binding, with every symbol it uses, in a separate process, because a library that does not support this
 * processor kills it.
 */
async function versionOf(staging: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const program = 'process.stdout.write(require(process.argv[1]).TF_Version)';
  try {
    const strict = { ...environment, LD_BIND_NOW: '1', TF_CPP_MIN_LOG_LEVEL: '2' };
    return await runProgram(process.execPath, ['-e', program, join(staging, bindingFile)], {
      environment: strict,
    });
  } catch (error) {
    if (!(error instanceof ProgramFailed)) throw error;
    const why =
      error.signal === 'SIGILL' ? 'this processor lacks instructions it was built for' : error.message;
    throw new Obstacle(
      `this TensorFlow cannot be loaded: ${why}`,
      'name another with LINEAGE_TENSORFLOW, or use the wasm backend',
    );
  }
}

/** The sizes of the files that the binding needs at run time. */
async function sizes(staging: string): Promise<FileSizes> {
  const names = await readdir(join(staging, 'deps', 'lib'));
  const libraries = names.filter((name) => /^(lib)?tensorflow/.test(name));
  return fileSizes(staging, [bindingFile, ...libraries.map((name) => join('deps', 'lib', name))]);
}
