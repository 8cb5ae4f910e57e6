//! Caches in the process: the real `quick_cache`, and its lifecycle.

use std::convert::Infallible;
use std::future::{pending, ready};
use std::time::Duration;

use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, UnitWeighter};
use tachograph::cache::{Cache, Eviction};

use super::telemetry::{telemetry, value};

#[derive(Clone)]
struct Evicted(Cache);

impl<Key, Value> Lifecycle<Key, Value> for Evicted {
    type RequestState = ();

    fn on_evict(&self, _: &mut (), _: Key, _: Value) {
        self.0.evicted(Eviction::Size);
    }
}

fn requests(cache: &str) -> [f64; 2] {
    ["hit", "miss"].map(|result| {
        value(telemetry(), &format!("cache_requests_total{{cache=\"{cache}\",result=\"{result}\"}}"))
    })
}

fn operations(cache: &str) -> [f64; 4] {
    ["get", "load", "insert", "remove"].map(|operation| {
        let labels = format!("cache=\"{cache}\",operation=\"{operation}\"");
        value(telemetry(), &format!("cache_operation_duration_seconds_count{{{labels}}}"))
    })
}

fn evicted(cache: &str, reason: &str) -> f64 {
    value(telemetry(), &format!("cache_evictions_total{{cache=\"{cache}\",reason=\"{reason}\"}}"))
}

#[test]
fn everything_stands_at_zero_from_the_start() {
    let telemetry = telemetry();
    let cache = Cache::new("empty");
    let page = telemetry.render();
    let labels =
        |name: &str, label: &str, value: &str| format!("{name}{{cache=\"empty\",{label}=\"{value}\"}} 0\n");
    for result in ["hit", "miss"] {
        assert!(page.contains(&labels("cache_requests_total", "result", result)), "{page}");
    }
    for reason in ["size", "expired", "replaced", "explicit"] {
        assert!(page.contains(&labels("cache_evictions_total", "reason", reason)), "{page}");
    }
    for operation in ["get", "load", "insert", "remove"] {
        let count = labels("cache_operation_duration_seconds_count", "operation", operation);
        assert!(page.contains(&count), "{page}");
    }
    cache.evicted(Eviction::Expired);
    assert_eq!((evicted("empty", "expired"), evicted("empty", "size")), (1.0, 0.0));
}

#[test]
fn what_quick_cache_has_and_gives_up_is_counted() {
    telemetry();
    let metrics = Cache::new("quick");
    let options =
        OptionsBuilder::new().estimated_items_capacity(8).weight_capacity(8).shards(1).build().unwrap();
    let inner = quick_cache::sync::Cache::with_options(
        options,
        UnitWeighter,
        DefaultHashBuilder::default(),
        Evicted(metrics),
    );
    for key in 0..100 {
        assert_eq!(metrics.get(|| inner.get(&key)), None);
        metrics.insert(|| inner.insert(key, key));
        assert_eq!(metrics.get(|| inner.get(&key)), Some(key));
    }
    let kept = inner.len();
    assert!(kept <= 8);
    assert_eq!(evicted("quick", "size"), (100 - kept) as f64);
    assert_eq!(metrics.remove(|| inner.remove(&99)), Some((99, 99)));
    assert_eq!((requests("quick"), operations("quick")), ([100.0, 100.0], [200.0, 0.0, 100.0, 1.0]));
}

#[tokio::test]
async fn a_lookup_that_loads_is_a_miss_and_one_that_waits_for_it_a_hit() {
    telemetry();
    let (metrics, inner) = (Cache::new("loaded"), quick_cache::sync::Cache::new(8));
    let get = async |load: Duration| {
        let lookup = metrics.lookup();
        let load = lookup.load_async(async {
            tokio::time::sleep(load).await;
            Ok::<_, Infallible>(17)
        });
        let value = inner.get_or_insert_async(&1, load).await;
        lookup.end();
        value
    };
    let slow = Duration::from_millis(20);
    let together = tokio::join!(get(slow), get(slow), get(slow));
    assert_eq!(together, (Ok(17), Ok(17), Ok(17)));
    assert_eq!((requests("loaded"), operations("loaded")), ([2.0, 1.0], [3.0, 1.0, 0.0, 0.0]));

    let lookup = metrics.lookup();
    assert_eq!(inner.get_or_insert_with(&2, || lookup.load(|| Err("nothing there"))), Err("nothing there"));
    lookup.end();
    assert_eq!((requests("loaded"), operations("loaded")), ([2.0, 2.0], [4.0, 2.0, 0.0, 0.0]));
}

#[tokio::test]
async fn what_is_asynchronous_is_counted_where_it_came_to_its_end() {
    telemetry();
    let metrics = Cache::new("remote");
    assert_eq!(metrics.get_async(ready(Some(1))).await, Some(1));
    assert_eq!(metrics.get_async(ready(None::<u8>)).await, None);
    metrics.insert_async(ready(())).await;
    metrics.remove_async(ready(())).await;
    let dropped = metrics.get_async(pending::<Option<u8>>());
    assert!(tokio::time::timeout(Duration::ZERO, dropped).await.is_err());
    drop(metrics.lookup());
    assert_eq!((requests("remote"), operations("remote")), ([1.0, 1.0], [2.0, 0.0, 1.0, 1.0]));
}

#[test]
fn a_name_is_one_cache_wherever_it_is_given() {
    telemetry();
    for _ in 0..3 {
        let _ = Cache::new("twice").get(|| Some(()));
    }
    assert_eq!(requests("twice"), [3.0, 0.0]);
}
