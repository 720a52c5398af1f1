/** A map with its name, its size, the scale of its colours, and its values as numbers. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Legend } from '../../parts/legend';
import { MapCanvas, type MapProps } from '../../parts/map-canvas';
import { number } from '../../../src/core/text/numbers';
import { divergingScale, greyScale, rangeOf, type Scale } from '../../../src/describe/draw/palette';
import { kernels } from '../../texts/kernels';
import { useTexts } from '../../texts/language';
import { planeText, type Plane } from '../plane';

interface MapPanelProps extends Pick<MapProps, 'marks' | 'onChoose' | 'onHover' | 'chosen'> {
  readonly title: string;
  readonly plane: Plane;
  /** Names it among the page's maps. */
  readonly id: string;
  readonly scale?: Scale;
  readonly unit?: number;
  readonly children?: ComponentChildren;
}

/** Of values of both signs, one whose middle is 0; else grey. */
export function scaleOf(values: Float32Array): Scale {
  return rangeOf(values)[0] < 0 ? divergingScale(values) : greyScale(values);
}

/** The side of a unit on the screen: of maps side by side the same, so that they show how sizes differ. */
export function unitOf({ height, width }: Plane): number {
  const side = Math.max(height, width);
  return side <= 16 ? 16 : Math.max(3, Math.floor(300 / side));
}

export function MapPanel(props: MapPanelProps) {
  const { title, plane, id, scale = scaleOf(plane.values), unit = unitOf(plane), children } = props;
  const texts = useTexts(kernels);
  const [open, setOpen] = useState(false);
  const { height, width, values } = plane;
  const [least, most] = rangeOf(values);
  return (
    <figure class="panel">
      <figcaption>
        <b>{title}</b> <span class="quiet">{texts.mapSize(height, width)}</span>
      </figcaption>
      <MapCanvas
        {...{ values, height, width, scale, unit }}
        label={texts.mapLabel(title, height, width, number(least), number(most))}
        {...(props.marks && { marks: props.marks })}
        {...(props.onChoose && { onChoose: props.onChoose })}
        {...(props.onHover && { onHover: props.onHover })}
        {...(props.chosen && { chosen: props.chosen })}
      />
      <Legend scale={scale} />
      <details class="quiet" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{texts.asNumbers}</summary>
        {/* Only a shown text is made: a pointer that moves draws the map anew often. */}
        <pre class="scroll" tabIndex={0} aria-label={title} data-values={id}>
          {open && planeText(plane)}
        </pre>
      </details>
      {children}
    </figure>
  );
}
