/** Kernels, pooling and activation functions, on the page's picture. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PartProps } from '../app';
import { ActivationFunctions } from './activations/activations';
import { Bench } from './bench/bench';
import type { Photo } from './bench/photo';
import { benchResult, benchSetting } from './bench/result';
import { firstLayerOf, type FirstLayer } from './first-layer';
import { planeOfOutput, type Plane } from './plane';
import { takesDigits } from '../picture/picture';
import { Pooling } from './pooling/pooling';
import { useKernelSettings, wholeIn } from './settings';

/** A photo outlives the part: a look at another tab does not lose it. */
let lastPhoto: Photo | undefined;

export function Kernels(props: PartProps) {
  const found = useFirstLayer(props.model.graph);
  return found && <WithLayer {...props} layer={found.layer} />;
}

function WithLayer({ model, picture, seen, layer }: PartProps & Pick<FirstLayerFound, 'layer'>) {
  const [said, set] = useKernelSettings();
  // A network of photos sees no digit.
  const isDigits = takesDigits(model.trained);
  const settings = isDigits || said.source !== 'picture' ? said : { ...said, source: 'input' };
  const [photo, setPhoto] = useState(lastPhoto);
  const digit = useMemo(() => greyOf(picture.pixels), [picture]);
  const onPhoto = (opened: Photo) => setPhoto((lastPhoto = opened));
  const taken = seen.outputs.get(layer?.reads ?? model.graph[0]!.name);
  const channel = wholeIn(settings.channel, 0, (layer?.channels ?? 1) - 1, 0);
  const map = useMemo(
    () => mapOf(settings.source, digit, photo, planeOfOutput(taken, channel)),
    [settings.source, digit, photo, taken, channel],
  );
  const { kernel, size, sigma, own, stride, padding, border, turned } = settings;
  const asked = [kernel, size, sigma, own, stride, padding, border, turned, channel];
  const setting = useMemo(() => benchSetting(settings, layer), [layer, ...asked]);
  const result = useMemo(() => map && benchResult(map, setting, layer), [map, setting, layer]);
  const named = layer ? { sums: layer.name, squashed: layer.squashed } : { sums: '', squashed: '' };
  const maps = { picture: digit, bench: result?.output ?? null };
  return (
    <div class="kernels-part">
      <Bench {...{ model, seen, settings, set, layer, map, setting, result, photo, onPhoto }} />
      <Pooling
        {...{ seen, settings, set, layer }}
        maps={{ ...maps, layer: seen.outputs.get(named.squashed), layerName: named.squashed }}
      />
      <ActivationFunctions
        {...{ seen, settings, set, layer }}
        maps={{ ...maps, layer: seen.outputs.get(named.sums), layerName: named.sums }}
      />
    </div>
  );
}

/** A digit's grey values from 0 to 1. */
function greyOf(pixels: Uint8Array): Plane {
  const side = Math.sqrt(pixels.length);
  return { height: side, width: side, values: Float32Array.from(pixels, (value) => value / 255) };
}

function mapOf(
  source: string,
  digit: Plane,
  photo: Photo | undefined,
  taken: Plane | undefined,
): Plane | null {
  if (source === 'photo') return photo?.plane ?? null;
  return source === 'input' && taken ? taken : digit;
}

interface FirstLayerFound {
  readonly graph: PartProps['model']['graph'];
  /** Undefined of a network without one. */
  readonly layer: FirstLayer | undefined;
}

/** Undefined for the moment in which the weights are read. */
function useFirstLayer(graph: FirstLayerFound['graph']): FirstLayerFound | undefined {
  const [found, setFound] = useState<FirstLayerFound>();
  useEffect(() => {
    let wanted = true;
    void firstLayerOf(graph).then((layer) => wanted && setFound({ graph, layer }));
    return () => {
      wanted = false;
    };
  }, [graph]);
  return found?.graph === graph ? found : undefined;
}
