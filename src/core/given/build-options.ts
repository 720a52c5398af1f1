/** Checks what a builder is asked for, since JavaScript hands over anything. */
import { UserError } from '../errors';
import { shown } from './options';
import type { BuildOptions, Network } from '../network';

/**
 * The networks with builders that refuse options which are no such, before a layer is made of them.
 * @param networks by name; the errors name it
 */
export function withCheckedOptions<Networks extends Readonly<Record<string, Network>>>(
  networks: Networks,
): Networks {
  const checked = Object.entries(networks).map(
    ([name, network]) => [name, checkedNetwork(name, network)] as const,
  );
  return Object.fromEntries(checked) as unknown as Networks;
}

/** A network with such a builder; the errors give it this name. */
export function checkedNetwork<Given extends Network>(name: string, network: Given): Given {
  const build: Network['build'] = (options) => {
    expectBuildOptions(name, options);
    return network.build(options);
  };
  return { ...network, build };
}

/** @throws UserError that says what was expected and what was found */
function expectBuildOptions(name: string, options: BuildOptions): void {
  const given: Partial<Record<keyof BuildOptions, unknown>> | null | undefined = options;
  if (typeof given !== 'object' || given === null)
    throw new UserError(
      `${name}: expected build({ classes: 10, seed: 1 }), found ${given === undefined ? 'build()' : `build(${shown(given)})`}`,
    );
  const { classes, seed, input, convolutional } = given;
  expectWhole(name, 'classes', classes, 1);
  expectWhole(name, 'seed', seed, 0);
  if (input !== undefined && !isShape(input))
    throw new UserError(
      `${name}: expected an input of [height, width, channels], whole numbers above 0, found ${shown(input)}`,
    );
  if (convolutional !== undefined && typeof convolutional !== 'boolean')
    throw new UserError(`${name}: expected convolutional to be true or false, found ${shown(convolutional)}`);
}

function expectWhole(name: string, option: 'classes' | 'seed', value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  throw new UserError(
    `${name}: expected ${option} to be a whole number of at least ${least}, found ${shown(value)}`,
  );
}

function isShape(input: unknown): boolean {
  const isSide = (side: unknown) => Number.isSafeInteger(side) && (side as number) > 0;
  return Array.isArray(input) && input.length === 3 && input.every(isSide);
}
