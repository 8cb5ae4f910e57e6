//! Any other queue, by hand.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tachograph::workers::{NotRun, Queue};
use tachograph::{Context, Outcome, request_id};

use super::{of_queue, of_task, outcomes, reaches, telemetry, value};

#[test]
fn the_series_of_a_queue_and_of_its_tasks_are_there_beforehand() {
    let telemetry = telemetry();
    let queue = Queue::new("beforehand").with_tasks(["first", "second"]);
    assert_eq!(format!("{queue:?} {}", queue.name()), "Queue(\"beforehand\") beforehand");
    let page = telemetry.render();
    for line in [
        "worker_queue_depth{queue=\"beforehand\"} 0",
        "worker_active{queue=\"beforehand\"} 0",
        "worker_busy{queue=\"beforehand\"} 0",
        "worker_heartbeat_timestamp_seconds{queue=\"beforehand\"} 0",
        "worker_queue_wait_seconds_count{queue=\"beforehand\"} 0",
        "worker_jobs_not_run_total{queue=\"beforehand\",reason=\"dropped\"} 0",
        "worker_tasks_total{outcome=\"cancelled\",queue=\"beforehand\",task=\"second\"} 0",
        "worker_retries_total{queue=\"beforehand\",task=\"first\"} 0",
        "worker_task_duration_seconds_count{queue=\"beforehand\",task=\"first\"} 0",
        "# TYPE worker_tasks_total counter",
        "# TYPE worker_task_duration_seconds histogram",
        "# TYPE worker_heartbeat_timestamp_seconds gauge",
    ] {
        assert!(page.lines().any(|found| found == line), "no {line} in\n{page}");
    }
}

#[test]
fn a_job_that_blocks_is_one_as_well() {
    let telemetry = telemetry();
    let queue = Queue::new("blocking");
    let worker = queue.worker();
    let job =
        queue.job("shrink").context(Context::with_id("picture-7")).attempt(2).waited(Duration::from_secs(3));
    assert_eq!(job.run_blocking(|| request_id().ok_or(())).as_deref(), Ok("picture-7"));
    queue.job("shrink").run_blocking(|| Outcome::Error);
    let panics = || queue.job("shrink").run_blocking(|| std::panic::resume_unwind(Box::new(())));
    let panicked: Result<(), _> = std::panic::catch_unwind(panics);
    assert!(panicked.is_err());
    worker.beat();
    queue.not_run(NotRun::Closed);
    assert_eq!(value(telemetry, "worker_jobs_not_run_total{queue=\"blocking\",reason=\"closed\"}"), 1.0);
    assert_eq!(outcomes(telemetry, "blocking", "shrink"), [1.0, 1.0, 1.0, 0.0]);
    assert_eq!(value(telemetry, &of_task("worker_retries_total", "blocking", "shrink")), 1.0);
    assert_eq!(value(telemetry, &of_queue("worker_queue_wait_seconds_sum", "blocking")), 3.0);
    assert_eq!(value(telemetry, &of_queue("worker_busy", "blocking")), 0.0);
}

#[tokio::test]
async fn a_worker_that_is_dropped_within_a_job_leaves_nothing_behind() {
    let telemetry = telemetry();
    let queue = Queue::new("dropped");
    let worker = queue.worker().watch(async move {
        queue.job("hang").run(std::future::pending::<()>()).await;
    });
    let worker = tokio::spawn(worker);
    reaches(telemetry, &of_queue("worker_busy", "dropped"), 1.0).await;
    assert_eq!(value(telemetry, &of_queue("worker_active", "dropped")), 1.0);
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    let (busy, active) = (of_queue("worker_busy", "dropped"), of_queue("worker_active", "dropped"));
    assert_eq!((value(telemetry, &busy), value(telemetry, &active)), (0.0, 0.0));
    assert_eq!(outcomes(telemetry, "dropped", "hang"), [0.0, 0.0, 0.0, 1.0]);
}

#[tokio::test]
async fn the_depth_is_asked_for_again_and_again() {
    static WAITING: AtomicU64 = AtomicU64::new(3);
    let telemetry = telemetry();
    let asks = tokio::spawn(Queue::new("asked").watch_depth(|| {
        let waiting = WAITING.fetch_add(1, Ordering::Relaxed);
        std::future::ready((waiting != 4).then_some(waiting))
    }));
    let depth = of_queue("worker_queue_depth", "asked");
    reaches(telemetry, &depth, 3.0).await;
    // What cannot be told changes nothing.
    loop {
        let told = value(telemetry, &depth);
        if WAITING.load(Ordering::Relaxed) > 5 {
            break;
        }
        assert_eq!(told, 3.0);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    reaches(telemetry, &depth, 5.0).await;
    asks.abort();
}

#[test]
fn names_beyond_the_limit_are_one() {
    // Jobs that end before there is a recorder are nobody's.
    let telemetry = telemetry();
    let queue = Queue::new("many");
    for number in 0..1_010 {
        queue.job(&format!("task-{number}")).run_blocking(|| ());
    }
    assert_eq!(outcomes(telemetry, "many", "task-999")[0], 1.0);
    assert_eq!(outcomes(telemetry, "many", "__overflow__")[0], 10.0);
    assert!(!telemetry.render().contains("task-1000\""));
}
