/** The map of descent: a button for each network that is no variant, and arrows between them. */
import {
  arrowTo,
  lineageMap,
  mapHeight,
  mapSize,
  middles,
  topOf,
  type Placed,
} from '../../src/report/page/parts/lineage-map';
import type { LineageEntry } from '../../src/workflows/weights/playground/page-data';
import { usePageState } from '../page-state';
import { grouped } from '../../src/core/text/numbers';
import { useTexts, type Language } from '../texts/language';
import { lineage } from '../texts/lineage';

interface MapOfDescentProps {
  readonly networks: readonly LineageEntry[];
  /** The network that is chosen, or whose variant is. */
  readonly chosen: string;
  readonly onChoose: (network: string) => void;
}

/** The map as wide as there is room; buttons and letters keep their size. */
export function MapOfDescent({ networks, chosen, onChoose }: MapOfDescentProps) {
  const texts = useTexts(lineage);
  const placed = lineageMap(networks.map((entry) => ({ name: entry.network, paper: entry })));
  const height = mapHeight(placed);
  return (
    <div class="descent" style={{ height: `${height}px` }} role="group" aria-label={texts.map}>
      <svg viewBox={`0 0 ${mapSize.width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {placed.map((node) => arrowTo(node)?.map((path) => <path d={path} />))}
      </svg>
      {(['deeper', 'modules'] as const).map((line) => {
        const begin = placed.find((node) => node.line === line);
        return begin && <LineName node={begin} text={texts[line]} />;
      })}
      {placed.map((node) => (
        <Node
          node={node}
          entry={networks.find(({ network }) => network === node.name)!}
          pressed={node.name === chosen}
          onChoose={onChoose}
        />
      ))}
    </div>
  );
}

/** A place of the map in the share of its width, as the map may be narrower than its drawing. */
function share(x: number): string {
  return `${(100 * x) / mapSize.width}%`;
}

function LineName({ node, text }: { readonly node: Placed; readonly text: string }) {
  const right = node.line === 'modules';
  const top = `${topOf(node.row) - 40}px`;
  const x = middles[node.line] + (right ? 22 : -22);
  const style = right ? { top, left: share(x) } : { top, right: share(mapSize.width - x) };
  return (
    <span class="line-name quiet" style={style}>
      {text}
    </span>
  );
}

interface NodeProps extends Pick<MapOfDescentProps, 'onChoose'> {
  readonly node: Placed;
  readonly entry: LineageEntry;
  readonly pressed: boolean;
}

function Node({ node, entry, pressed, onChoose }: NodeProps) {
  const texts = useTexts(lineage);
  const { language } = usePageState().state;
  const { boxWidth, boxHeight } = mapSize;
  return (
    <button
      type="button"
      class="node"
      aria-pressed={pressed}
      title={texts.nodeLabel(node.name, node.year, grouped(entry.parameters))}
      data-network={node.name}
      style={{
        top: `${topOf(node.row)}px`,
        left: share(middles[node.line] - boxWidth / 2),
        width: share(boxWidth),
        height: `${boxHeight}px`,
      }}
      onClick={() => onChoose(node.name)}
    >
      <b>{node.name}</b>
      <span>
        {node.year} · {compact(entry.parameters, language)}
      </span>
    </button>
  );
}

/** A count in three digits at most, as each language shortens it: `61M`, `6097万`. */
function compact(count: number, language: Language): string {
  return new Intl.NumberFormat(language, { notation: 'compact', maximumSignificantDigits: 3 }).format(count);
}
