/** The state of a compiled step in its TensorFlow session: weights, what the optimiser keeps, and averages. */
import type { tf } from '../../core/tf';
import { weightResource } from '../../graph/compiled-function';
import { startFrom, type Program, type Start } from '../../graph/session/program';
import { matched, setWeights, type NamedArray } from '../../weights/named-array';
import { estimatedName, keptNames, type GradientRecipe, type Slot } from './gradient-descent';
import type { StepState } from './step';

/** A variable that the session holds besides the weights, with the name of its array. */
interface Kept {
  readonly name: string;
  readonly resource: string;
  readonly shape: readonly number[];
}

/** The state of a compiled step: see `StepState`. */
export class SessionState implements StepState {
  /** Whether the session's weights may be newer than the model's. */
  ahead = false;
  /** Whether the rule's estimate has been made or restored. */
  estimated = false;

  constructor(
    private readonly program: Program,
    private readonly model: tf.LayersModel,
    private readonly recipe: GradientRecipe,
    private readonly slots: readonly Slot[],
  ) {}

  /** Initial values of the other variables: zeros, and for averages the current weights. */
  starts(): readonly Start[] {
    const averaged = this.recipe.averaging ? this.slots : [];
    return [
      ...this.slots.flatMap(({ name, weight: { shape } }) =>
        this.keptBy(name).map((resource) => ({ resource, shape, data: null })),
      ),
      ...averaged.map(({ name, weight }) => startFrom(averageOf(name), weight)),
    ];
  }

  async memory(): Promise<readonly NamedArray[]> {
    await this.program.initialise(this.starts());
    const kept = this.kept();
    const values = await this.program.read(kept.map(({ resource }) => resource));
    return kept.map(({ name, shape }, index) => ({ name, shape, values: values[index]! }));
  }

  async restore(memory: readonly NamedArray[], where: string): Promise<void> {
    await this.assign(this.kept(), memory, where);
    this.estimated = true;
  }

  /** Sets the rule's estimate for the coming epoch: an array for each weight, by the weight's name. */
  async takeEstimate(estimate: readonly NamedArray[]): Promise<void> {
    const tensor = estimatedName(this.recipe)!;
    const kept = this.slots.map(({ name, weight: { shape } }) => ({
      name,
      resource: `${tensor}/${name}`,
      shape,
    }));
    await this.assign(kept, estimate, 'the estimate');
    this.estimated = true;
  }

  async averages(): Promise<readonly NamedArray[] | null> {
    if (!this.recipe.averaging) return null;
    await this.program.initialise(this.starts());
    const values = await this.program.read(this.slots.map(({ name }) => averageOf(name)));
    return this.slots.map(({ name, weight: { shape } }, index) => ({ name, shape, values: values[index]! }));
  }

  async sync(): Promise<void> {
    if (!this.ahead) return;
    const held = this.model.weights.filter(({ originalName }) =>
      this.program.holds(weightResource(originalName)),
    );
    const values = await this.program.read(held.map(({ originalName }) => weightResource(originalName)));
    const arrays = held.map(({ originalName, shape }, index) => ({
      name: originalName,
      shape: shape as number[],
      values: values[index]!,
    }));
    setWeights(held, arrays, 'the session');
    this.ahead = false;
  }

  /** Assigns to each variable of the session the array with its name. */
  private async assign(kept: readonly Kept[], arrays: readonly NamedArray[], where: string): Promise<void> {
    const values = matched(kept, arrays, where);
    await this.program.assign(
      kept.map(({ resource, shape }, index) => ({ resource, shape, data: () => values[index]! })),
    );
  }

  /** The variables that a checkpoint holds, under their names in it. */
  private kept(): readonly Kept[] {
    return this.slots.flatMap(({ name, weight: { shape } }) =>
      [...this.keptBy(name), ...(this.recipe.averaging ? [averageOf(name)] : [])].map((resource) => ({
        name: resource,
        resource,
        shape,
      })),
    );
  }

  /** The variables that the optimiser keeps for the weight with this name. */
  private keptBy(name: string): string[] {
    return keptNames(this.recipe).map((tensor) => `${tensor}/${name}`);
  }
}

function averageOf(name: string): string {
  return `average/${name}`;
}
