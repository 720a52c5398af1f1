/** What the page shows, as its address says it: a link leads to the same view. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { languages, type Language } from './texts/language';

/** The parts of the page. */
export const tabs = ['glance', 'backwards', 'kernels', 'lineage', 'photo', 'training'] as const;

export type Tab = (typeof tabs)[number];

/** What the address says, by names; a part of the page may add names of its own, which begin with the part's. */
export interface PageState {
  readonly tab: Tab;
  readonly language: Language;
  /** The model that answers, by its name in the page. */
  readonly model: string;
  /** A digit of the page's, by its name, or one's own as `drawn-…`: see `digit-code.ts`. */
  readonly picture: string;
  /** A unit, as `C3.7.4.5`: layer, map, row, column, each from 0; empty if none is chosen. */
  readonly unit: string;
  /** Settings of the parts, by names such as `kernels.size`. */
  readonly settings: Readonly<Record<string, string>>;
}

const fields = { tab: 'tab', language: 'lang', model: 'model', picture: 'picture', unit: 'unit' } as const;

/** The state that a fragment of an address says, in all that it says; what is not known is left as it is. */
export function parseState(fragment: string, usual: PageState): PageState {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const one = <T extends string>(name: string, among: readonly T[], otherwise: T): T =>
    among.find((each) => each === given.get(name)) ?? otherwise;
  const known = new Set<string>(Object.values(fields));
  return {
    tab: one(fields.tab, tabs, usual.tab),
    language: one(fields.language, languages, usual.language),
    model: given.get(fields.model) ?? usual.model,
    picture: given.get(fields.picture) ?? usual.picture,
    unit: given.get(fields.unit) ?? usual.unit,
    settings: Object.fromEntries([...given].filter(([name]) => !known.has(name))),
  };
}

/** The fragment that says a state. */
export function stateText({ settings, ...state }: PageState): string {
  const own = Object.entries(fields).map(
    ([field, name]) => [name, state[field as keyof typeof state]] as const,
  );
  // An empty pad is said, for without a picture the page begins with one.
  const said = [...own, ...Object.entries(settings)].filter(
    ([name, value]) => value !== '' || name === fields.picture,
  );
  return `#${new URLSearchParams(said as [string, string][]).toString()}`;
}

/** The state, and what changes it: with its address, as a step that the browser's back undoes where `step` says so. */
interface StateAccess {
  readonly state: PageState;
  readonly change: (changes: Partial<PageState>, step?: boolean) => void;
}

export const StateContext = createContext<StateAccess | null>(null);

/** The page's state. */
export function usePageState(): StateAccess {
  return useContext(StateContext)!;
}

/** Changes several settings at once; an empty one goes back to the usual, and out of the address. */
export function useSettings(): (changes: Readonly<Record<string, string>>) => void {
  const { state, change } = usePageState();
  return (changes) => {
    const all = Object.entries({ ...state.settings, ...changes });
    change({ settings: Object.fromEntries(all.filter(([, value]) => value !== '')) });
  };
}

/** A setting of a part of the page, kept in the address; left out of it where it has its usual value. */
export function useSetting(name: string, usual: string): [value: string, set: (value: string) => void] {
  const { state, change } = usePageState();
  const { [name]: value = usual, ...others } = state.settings;
  return [value, (next) => change({ settings: next === usual ? others : { ...others, [name]: next } })];
}
