// The page's own types, for JSDoc in assets/.
declare namespace Page {
  interface State {
    view: 'fleet' | 'releases';
    /** Weeks of a preset, or `custom`, which has `from` and `to`: dates, both included. */
    range: number | 'custom';
    from: string | null;
    to: string | null;
    interval: Api.Interval;
    /** null: chosen by what clusters run. */
    component: string | null;
    /** null: all. */
    train: string | null;
    /** Labels left out. null: chosen by what labels there are. */
    exclude: string[] | null;
    unit: 'share' | 'count';
    /** null: chosen by age. */
    still: string | null;
    age: 'first' | 'last';
    /** `train/version` of the release shown; null: the newest. */
    version: string | null;
  }

  interface Bounds {
    from: Date;
    /** Itself excluded. */
    to: Date;
  }

  interface Plan extends Bounds {
    interval: Api.Interval;
    count: number;
    /** The last interval is not over. */
    isRunning: boolean;
    /** It ends with the last interval that is over, or later. */
    isCurrent: boolean;
    /** The period of the same length just before. */
    before: Bounds;
  }

  /** Everything a panel needs to ask its question. */
  interface Context {
    state: State;
    plan: Plan;
    session: Session;
    labels: Api.Labels;
    exclude: string[];
    installed: Api.InstalledVersion[];
    components: string[];
    component: string | null;
    trains: string[];
    /** What names of components have in common. */
    prefix: string;
  }

  type Params = Record<string, string | number | string[] | null | undefined>;

  interface Session {
    get<T>(path: string, params?: Params): Promise<T>;
  }

  interface Csv {
    path: string;
    params: Params;
    name: string;
  }

  /** What a panel shows for an answer. `body` null: there is nothing to show. */
  interface Picture {
    body: Node | null;
    empty?: string | Node;
    sub?: string;
    tools?: Node[];
    table?: () => HTMLElement;
    csv?: Csv;
  }

  interface Span {
    first: number;
    last: number;
    weight: number;
  }

  interface Band {
    key: string;
    short: string;
    versions: string[];
    /** How many versions are in it; those that the API did not list have no name. */
    size: number;
    isYanked: boolean;
    clusters: number[];
    shares: number[];
    /** Of the ramp of colours; null for "other". */
    step: number | null;
  }

  interface Verdict {
    kind: 'shrinking' | 'growing' | 'holding' | 'unknown';
    now: number;
    before: number;
    change: number;
    rate: number;
    /** How many intervals ago `before` was. */
    back: number;
    upgraded: number;
    downgraded: number;
    netArrived: number;
  }

  interface AgeGroup {
    from: number;
    to: number | null;
    clusters: number;
    all: number;
  }

  interface FreshnessRow {
    component: string;
    clusters: number;
    /** On the latest, one behind, two or more behind. */
    behind: [number, number, number];
    latest: { train: string; version: string }[];
  }

  interface Headline {
    id: 'active' | 'appeared' | 'disappeared' | 'age' | 'fresh';
    name: string;
    unit: 'count' | 'days' | 'share';
    value: number | null;
    before: number | null;
    all: number | null;
    trend: number[] | null;
  }
}
