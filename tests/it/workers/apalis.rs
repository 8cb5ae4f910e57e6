//! Workers of apalis, with its backend in memory.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use apalis::layers::WorkerBuilderExt;
use apalis::layers::retry::RetryPolicy;
use apalis::prelude::{
    BoxDynError, Event, EventListenerExt, MemoryStorage, Monitor, TaskSink, WorkerBuilder,
};
use apalis::prelude::{Meta, WorkerContext};
use tachograph::workers::apalis::{WorkerLayer, task};
use tachograph::{Context, TraceContext, request_id, with_request_id};

use super::{of_queue, of_task, outcomes, reaches, records, telemetry, value};

#[derive(Clone, Copy, Debug)]
enum Job {
    Succeed,
    Fail,
    Panic,
    Hang,
}

impl Job {
    const fn name(&self) -> &'static str {
        match self {
            Self::Succeed => "succeed",
            Self::Fail => "fail",
            Self::Panic => "panic",
            Self::Hang => "hang",
        }
    }
}

async fn work(job: Job) -> Result<(), BoxDynError> {
    tokio::task::yield_now().await;
    match job {
        Job::Succeed => Ok(()),
        Job::Fail => Err("refused".into()),
        Job::Panic => panic!("the bridge is out"),
        Job::Hang => std::future::pending().await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_of_the_request_that_enqueued_it() {
    async fn tell(text: String, sent: Meta<Context>, worker: WorkerContext) -> Result<(), BoxDynError> {
        tokio::task::yield_now().await;
        let trace = Context::current().trace().map(TraceContext::trace_id);
        tracing::info!(text, trace, sent = sent.request_id().map(ToString::to_string), "told");
        if text == "c" {
            worker.stop()?;
        }
        Ok(())
    }

    let telemetry = telemetry();
    let mut storage = MemoryStorage::new();
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let context =
        Context::with_id("told-17").field("user", 7).with_trace(TraceContext::parse(trace, []).unwrap());
    storage.push_task(context.run(|| task("a".to_owned()).build())).await.unwrap();
    storage.push_task(with_request_id("told-18", || task("b".to_owned()).build())).await.unwrap();
    storage.push("c".to_owned()).await.unwrap();
    let worker = WorkerBuilder::new("teller").backend(storage).layer(WorkerLayer::new("told")).build(tell);
    // A worker may be started in a request; its tasks are not part of that.
    Context::with_id("told-by-worker").scope(worker.run()).await.unwrap();

    let first = records(telemetry, "told-17");
    assert_eq!(first.len(), 1);
    let told = &first[0]["extra"];
    assert_eq!(
        (&told["text"], &told["trace"], &told["sent"]),
        (&"a".into(), &trace[3..35].into(), &"told-17".into())
    );
    assert_ne!(told["span_id"], trace[36..52]);
    assert!(told["user"].is_null(), "fields stay behind");
    assert_eq!(records(telemetry, "told-18").len(), 1);
    assert!(records(telemetry, "told-by-worker").iter().all(|record| record["message"] != "told"));
    assert_eq!(outcomes(telemetry, "told", "String"), [3.0, 0.0, 0.0, 0.0]);
    assert_eq!(value(telemetry, &of_queue("worker_queue_wait_seconds_count", "told")), 2.0);
    assert_eq!(value(telemetry, &of_queue("worker_active", "told")), 0.0);
    assert_eq!(value(telemetry, &of_task("worker_retries_total", "told", "String")), 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_task_ends_in_one_way_and_nothing_is_left_of_a_worker_that_is_dropped() {
    let telemetry = telemetry();
    let mut storage = MemoryStorage::new();
    for job in [Job::Succeed, Job::Fail, Job::Panic, Job::Succeed, Job::Hang] {
        storage.push(job).await.unwrap();
    }
    let layer = WorkerLayer::new("apalis-ends").task_by(Job::name);
    let builder = WorkerBuilder::new("worker").backend(storage).catch_panic();
    let worker = tokio::spawn(builder.layer(layer).build(work).run());
    let busy = of_queue("worker_busy", "apalis-ends");
    for (job, outcome) in [("succeed", "ok"), ("fail", "error"), ("panic", "panic")] {
        let times = if job == "succeed" { 2.0 } else { 1.0 };
        let labels = format!("outcome=\"{outcome}\",queue=\"apalis-ends\",task=\"{job}\"");
        reaches(telemetry, &format!("worker_tasks_total{{{labels}}}"), times).await;
    }
    reaches(telemetry, &busy, 1.0).await;
    assert_eq!(value(telemetry, &of_queue("worker_active", "apalis-ends")), 1.0);
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    assert_eq!(value(telemetry, &of_queue("worker_active", "apalis-ends")), 0.0);
    assert_eq!(value(telemetry, &busy), 0.0);
    assert_eq!(outcomes(telemetry, "apalis-ends", "hang"), [0.0, 0.0, 0.0, 1.0]);
    assert_eq!(outcomes(telemetry, "apalis-ends", "panic"), [0.0, 0.0, 1.0, 0.0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_that_nobody_catches_goes_on() {
    let telemetry = telemetry();
    let mut storage = MemoryStorage::new();
    storage.push(Job::Panic).await.unwrap();
    let layer = WorkerLayer::new("uncaught").task("work");
    let worker = tokio::spawn(WorkerBuilder::new("worker").backend(storage).layer(layer).build(work).run());
    assert!(worker.await.unwrap_err().is_panic());
    assert_eq!(outcomes(telemetry, "uncaught", "work"), [0.0, 0.0, 1.0, 0.0]);
    assert_eq!(value(telemetry, &of_queue("worker_active", "uncaught")), 0.0);
}

/// Fails twice and then does not.
async fn stumbles(attempts: &AtomicU32) -> Result<(), BoxDynError> {
    if attempts.fetch_add(1, Ordering::Relaxed) < 2 { Err("stumbled".into()) } else { Ok(()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_is_one_wherever_the_layer_stands() {
    let telemetry = telemetry();
    for (queue, is_inner) in [("retried-inside", true), ("retried-outside", false)] {
        static ATTEMPTS: AtomicU32 = AtomicU32::new(0);
        ATTEMPTS.store(0, Ordering::Relaxed);
        let mut storage = MemoryStorage::new();
        storage.push_task(with_request_id("retried-17", || task(7_u32).build())).await.unwrap();
        let layer = || WorkerLayer::new(queue).task("stumble");
        let stop = |worker: &WorkerContext, event: &Event| {
            if matches!(event, Event::Success(_)) {
                worker.stop().unwrap();
            }
        };
        let builder = WorkerBuilder::new("worker").backend(storage).on_event(stop);
        let run = async |_: u32| {
            assert_eq!(request_id().as_deref(), Some("retried-17"));
            stumbles(&ATTEMPTS).await
        };
        if is_inner {
            builder.retry(RetryPolicy::retries(5)).layer(layer()).build(run).run().await.unwrap();
        } else {
            builder.layer(layer()).retry(RetryPolicy::retries(5)).build(run).run().await.unwrap();
        }
        let errors = if is_inner { 2.0 } else { 0.0 };
        assert_eq!(outcomes(telemetry, queue, "stumble"), [1.0, errors, 0.0, 0.0], "{queue}");
        assert_eq!(value(telemetry, &of_task("worker_retries_total", queue, "stumble")), 2.0, "{queue}");
        assert_eq!(value(telemetry, &of_queue("worker_queue_wait_seconds_count", queue)), 1.0, "{queue}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_shows_that_it_lives_idle_or_with_no_room_for_more() {
    let telemetry = telemetry();
    let heartbeat = |queue: &str| value(telemetry, &of_queue("worker_heartbeat_timestamp_seconds", queue));
    let beats_again = async |queue: &str| {
        let first = heartbeat(queue);
        assert!(first > 0.0, "{queue}");
        for _ in 0..1_500 {
            if heartbeat(queue) > first {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{queue} does not beat");
    };
    let monitor = Monitor::new().register(|_| {
        let builder = WorkerBuilder::new("idle").backend(MemoryStorage::<u32>::new());
        builder.layer(WorkerLayer::new("apalis-idle")).build(async |_: u32| ())
    });
    let idle = tokio::spawn(monitor.run());
    let mut storage = MemoryStorage::new();
    storage.push(Job::Hang).await.unwrap();
    let builder = WorkerBuilder::new("full").backend(storage).concurrency(1);
    let full = tokio::spawn(builder.layer(WorkerLayer::new("apalis-full")).build(work).run());
    for queue in ["apalis-idle", "apalis-full"] {
        reaches(telemetry, &of_queue("worker_active", queue), 1.0).await;
    }
    reaches(telemetry, &of_queue("worker_busy", "apalis-full"), 1.0).await;
    tokio::join!(beats_again("apalis-idle"), beats_again("apalis-full"));
    idle.abort();
    full.abort();
    for queue in ["apalis-idle", "apalis-full"] {
        reaches(telemetry, &of_queue("worker_active", queue), 0.0).await;
    }
}
