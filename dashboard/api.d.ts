// The answers of the API that the page reads, as openapi/v4.yaml describes them.
declare namespace Api {
  type Interval = 'day' | 'week' | 'month';

  interface Version {
    component: string;
    train: string;
    version: string;
    released: string;
    published_at: string;
    description?: string;
    fixes?: string;
    image?: string;
    metadata: Record<string, unknown>;
    yanked?: { at: string; reason: string };
  }
  interface TrainSummary {
    train: string;
    latest: Version | null;
    versions: number;
  }
  interface ComponentSummary {
    component: string;
    trains: TrainSummary[];
  }
  interface Paged<T> {
    data: T[];
    next_cursor: string | null;
  }

  interface Moment {
    start: string;
    end: string;
    is_complete: boolean;
  }
  interface Counted {
    clusters: number;
    all_clusters: number;
  }

  interface ActivityCounts {
    active: number;
    appeared: number;
    returned: number;
    disappeared: number;
  }
  interface ActivityInterval extends Moment {
    counted: ActivityCounts;
    all: ActivityCounts;
  }
  interface Activity {
    interval: Interval;
    data: ActivityInterval[];
  }

  interface AdoptionInterval extends Moment, Counted {
    latest: string | null;
    up_to_date: number;
  }
  interface VersionSeries {
    version: string;
    train: string;
    released: string | null;
    is_yanked: boolean;
    clusters: number[];
    shares: number[];
  }
  interface Adoption {
    component: string;
    train: string | null;
    interval: Interval;
    intervals: AdoptionInterval[];
    versions: VersionSeries[];
    other: { versions: number; clusters: number[]; shares: number[] };
  }

  interface LaggardInterval extends Moment, Counted {
    share: number;
    upgraded: number;
    downgraded: number;
    net_arrived: number;
  }
  interface VersionCount extends Counted {
    version: string;
    train: string;
    share: number;
  }
  interface Laggards {
    component: string;
    train: string | null;
    version: string;
    interval: Interval;
    data: LaggardInterval[];
    versions: VersionCount[];
  }

  interface AgeBin extends Counted {
    from_days: number;
    to_days: number | null;
  }
  interface AgeDistribution extends Counted {
    mean_days: number | null;
    median_days: number | null;
    bins: AgeBin[];
  }
  interface Ages extends Moment {
    since_first: AgeDistribution;
    since_last: AgeDistribution;
  }

  interface Cohort extends Counted {
    start: string;
    end: string;
    retained: number[];
    shares: number[];
  }
  interface Retention {
    interval: Interval;
    cohorts: Cohort[];
  }

  interface InstalledVersion extends VersionCount {
    component: string;
  }
  interface InstalledComponents extends Moment, Counted {
    data: InstalledVersion[];
    left_out: number;
  }

  interface ComponentFreshness extends Counted {
    component: string;
    train: string;
    latest: string;
    released: string;
    up_to_date: number;
    share: number;
    behind: number[];
  }
  interface Freshness extends Moment {
    data: ComponentFreshness[];
  }

  interface LabelCount {
    label: string;
    clusters: number;
    share: number;
  }
  interface Labels extends Moment {
    clusters: number;
    data: LabelCount[];
  }

  interface Health {
    status: string;
    database: { status: string };
  }
  interface Problem {
    type: string;
    title: string;
    status: number;
    detail: string;
  }
}
