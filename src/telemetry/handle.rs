//! Handles to metrics that know how many labels they have and who may move them: what counts work is
//! moved by a commit only. Start at [`Pending`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use prometheus::{GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry};

/// What a transaction will have done if it is committed; dropped with it if it is not.
#[derive(Clone, Default, Debug)]
pub struct Pending {
    counts: Vec<Count>,
    observed: Vec<(&'static str, Vec<String>, f64)>,
}

#[derive(Clone, Debug)]
struct Count {
    name: &'static str,
    labels: Vec<String>,
    by: u64,
}

impl Pending {
    /// Nothing done yet.
    pub fn new() -> Pending {
        Pending::default()
    }

    /// True if nothing was done.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.observed.is_empty()
    }

    /// Counts work; few series are touched by one transaction, so they are looked up in order.
    pub fn count<const N: usize>(&mut self, counter: &Counted<N>, labels: [&str; N], by: u64) {
        let known = self
            .counts
            .iter_mut()
            .find(|count| count.name == counter.name && count.labels.iter().eq(labels));
        match known {
            Some(count) => count.by += by,
            None => self.counts.push(Count {
                name: counter.name,
                labels: labels.map(str::to_owned).to_vec(),
                by,
            }),
        }
    }

    /// Notes a value of a distribution.
    pub fn observe<const N: usize>(
        &mut self,
        histogram: &Histogram<N>,
        labels: [&str; N],
        value: f64,
    ) {
        let labels = labels.map(str::to_owned).to_vec();
        self.observed.push((histogram.name, labels, value));
    }
}

/// Takes a metric into the registry. The table names each once and well, which a test proves.
fn registered<C: prometheus::core::Collector + Clone + 'static>(
    registry: &Registry,
    made: prometheus::Result<C>,
) -> C {
    let metric = made.expect("the table's names and labels are well formed");
    registry
        .register(Box::new(metric.clone()))
        .expect("the table names each metric once");
    metric
}

/// Counts work: moves by the commit of a [`Pending`] and by nothing else.
pub struct Counted<const N: usize> {
    name: &'static str,
    series: IntCounterVec,
}

/// Counts what happens to the process itself, as it happens.
pub struct Counter<const N: usize> {
    series: IntCounterVec,
}

/// How much there is. Its series go away with what they speak of.
pub struct Gauge<const N: usize> {
    labels: [&'static str; N],
    series: GaugeVec,
    shown: Mutex<BTreeSet<[String; N]>>,
}

/// How values are spread.
pub struct Histogram<const N: usize> {
    name: &'static str,
    series: HistogramVec,
}

impl<const N: usize> Counted<N> {
    pub(super) const WORD: &'static str = "counter";

    pub(super) fn new(
        registry: &Registry,
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
    ) -> Counted<N> {
        let made = IntCounterVec::new(Opts::new(name, help), &labels);
        let series = registered(registry, made);
        Counted { name, series }
    }

    pub(super) fn take(&self, pending: &Pending) {
        for count in pending
            .counts
            .iter()
            .filter(|count| count.name == self.name)
        {
            let labels: Vec<&str> = count.labels.iter().map(String::as_str).collect();
            self.series.with_label_values(&labels).inc_by(count.by);
        }
    }

    pub(super) fn forget(&self, _label: &str, _value: &str) {}

    pub(super) fn forget_both(&self, _one: (&str, &str), _two: (&str, &str)) {}
}

impl<const N: usize> Counter<N> {
    pub(super) const WORD: &'static str = "counter";

    pub(super) fn new(
        registry: &Registry,
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
    ) -> Counter<N> {
        let made = IntCounterVec::new(Opts::new(name, help), &labels);
        let series = registered(registry, made);
        Counter { series }
    }

    /// Counts one.
    pub fn add(&self, labels: [&str; N]) {
        self.series.with_label_values(&labels).inc();
    }

    /// Shows it before the first is counted: a rise from nothing is seen as none.
    pub fn begin(&self, labels: [&str; N]) {
        self.series.with_label_values(&labels).inc_by(0);
    }

    pub(super) fn take(&self, _pending: &Pending) {}

    pub(super) fn forget(&self, _label: &str, _value: &str) {}

    pub(super) fn forget_both(&self, _one: (&str, &str), _two: (&str, &str)) {}
}

impl<const N: usize> Gauge<N> {
    pub(super) const WORD: &'static str = "gauge";

    pub(super) fn new(
        registry: &Registry,
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
    ) -> Gauge<N> {
        let made = GaugeVec::new(Opts::new(name, help), &labels);
        let series = registered(registry, made);
        let shown = Mutex::new(BTreeSet::new());
        Gauge {
            labels,
            series,
            shown,
        }
    }

    /// Shows a value.
    pub fn set(&self, labels: [&str; N], value: f64) {
        // Held while the series moves, so that what is taken away meanwhile does not come back.
        let mut shown = self.shown();
        self.series.with_label_values(&labels).set(value);
        shown.insert(labels.map(str::to_owned));
    }

    /// Shows these values and no others whose label is this. What goes on being shown is never away in
    /// between, so that nobody who reads meanwhile takes it for gone.
    pub fn replace(&self, label: &str, value: &str, values: &BTreeMap<[String; N], f64>) {
        for (labels, value) in values {
            self.set(std::array::from_fn(|at| labels[at].as_str()), *value);
        }
        if let Some(at) = self.labels.iter().position(|name| *name == label) {
            self.remove_where(|shown| shown[at] == value && !values.contains_key(shown));
        }
    }

    /// Takes a value away.
    pub fn remove(&self, labels: [&str; N]) {
        self.remove_where(|shown| shown.iter().eq(labels));
    }

    pub(super) fn take(&self, _pending: &Pending) {}

    /// Takes away every value whose label is this.
    pub fn forget(&self, label: &str, value: &str) {
        if let Some(at) = self.labels.iter().position(|name| *name == label) {
            self.remove_where(|shown| shown[at] == value);
        }
    }

    pub(super) fn forget_both(&self, one: (&str, &str), two: (&str, &str)) {
        let place = |label: &str| self.labels.iter().position(|name| *name == label);
        if let (Some(first), Some(second)) = (place(one.0), place(two.0)) {
            self.remove_where(|shown| shown[first] == one.1 && shown[second] == two.1);
        }
    }

    fn remove_where(&self, is_gone: impl Fn(&[String; N]) -> bool) {
        let mut shown = self.shown();
        shown.retain(|labels| {
            let gone = is_gone(labels);
            if gone {
                let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
                // A series that was never made needs no taking away.
                let _ = self.series.remove_label_values(&labels);
            }
            !gone
        });
    }

    fn shown(&self) -> MutexGuard<'_, BTreeSet<[String; N]>> {
        // A set of labels is whole after every step, whoever panicked meanwhile.
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<const N: usize> Histogram<N> {
    pub(super) const WORD: &'static str = "histogram";

    pub(super) fn new(
        registry: &Registry,
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
    ) -> Histogram<N> {
        let opts = HistogramOpts::new(name, help).buckets(buckets(name));
        let series = registered(registry, HistogramVec::new(opts, &labels));
        Histogram { name, series }
    }

    pub(super) fn take(&self, pending: &Pending) {
        for (_, labels, value) in pending.observed.iter().filter(|one| one.0 == self.name) {
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            self.series.with_label_values(&labels).observe(*value);
        }
    }

    pub(super) fn forget(&self, _label: &str, _value: &str) {}

    pub(super) fn forget_both(&self, _one: (&str, &str), _two: (&str, &str)) {}
}

/// Where the values of a histogram are cut, by the unit that its name ends in.
fn buckets(name: &str) -> Vec<f64> {
    if name.ends_with("_seconds") {
        // 2 ms is a commit without load, 100 ms the interval of a transaction, 15 s its time limit.
        vec![
            0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0,
        ]
    } else {
        vec![
            1.0, 5.0, 20.0, 50.0, 100.0, 500.0, 1_000.0, 5_000.0, 20_000.0,
        ]
    }
}
