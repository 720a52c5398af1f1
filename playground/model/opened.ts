/** A model that is open in the page, with what every part of it computes. */
import { useBackend, type PageRuntime, type PageTrained } from '../../browser';
import { describeModel, type Description } from '../../src/describe/describe-model';
import { layerGraph, type GraphLayer } from '../../src/describe/layers/layer-graph';
import { activationsOf, type Activations, type LayerOutput } from '../../src/describe/units/activations';
import { mainPathOf } from '../../src/layers/layer-walk';

/** Starts what computes in the page and in its worker: WebAssembly, or JavaScript in browsers without its SIMD. */
export function startBackend(): Promise<PageRuntime> {
  return useBackend('wasm').catch(() => useBackend('cpu'));
}

/** A model, ready to be looked into. */
export interface OpenedModel {
  /** Its name in the page. */
  readonly name: string;
  readonly trained: PageTrained;
  /** The layers of the main path, the input first. */
  readonly graph: readonly GraphLayer[];
  readonly description: Description;
  readonly activations: Activations;
}

/** What a model computes of one picture. */
export interface Seen {
  readonly model: OpenedModel;
  /** As the model takes it, `[height, width, channels]`. */
  readonly input: Float32Array;
  /** The outputs of all layers, by name, the input among them. */
  readonly outputs: ReadonlyMap<string, LayerOutput>;
  readonly milliseconds: number;
}

/** Opens what a trained model computes; the model stays the caller's. */
export function openedModel(name: string, trained: PageTrained): OpenedModel {
  const model = mainPathOf(trained.model);
  return {
    ...{ name, trained, graph: layerGraph(model) },
    description: describeModel(model),
    activations: activationsOf(model),
  };
}

/** What the model computes of a prepared picture. */
export async function seenBy(model: OpenedModel, input: Float32Array): Promise<Seen> {
  const started = performance.now();
  const outputs = await model.activations.of(input);
  return { model, input, outputs, milliseconds: performance.now() - started };
}
