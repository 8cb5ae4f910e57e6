//! Who works, and that they live.

use std::time::{Duration, SystemTime};

use tachograph::workers::{Queue, channel};

use super::{of_queue, reaches, telemetry, value};

fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64()
}

/// Waits until the heartbeat of a queue is later than `before`, and gives it.
async fn beats_after(queue: &str, before: f64) -> f64 {
    for _ in 0..3_000 {
        let heartbeat = value(telemetry(), &of_queue("worker_heartbeat_timestamp_seconds", queue));
        if heartbeat > before {
            return heartbeat;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{queue} does not beat");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_has_nothing_to_do_shows_that_it_lives_until_it_is_gone() {
    let telemetry = telemetry();
    let began = now();
    let (_sender, mut receiver) = channel::<()>("idle", 1);
    let first = value(telemetry, &of_queue("worker_heartbeat_timestamp_seconds", "idle"));
    assert!((began..=now()).contains(&first), "{first}");
    assert_eq!(value(telemetry, &of_queue("worker_active", "idle")), 1.0);
    let worker = tokio::spawn(async move { receiver.recv().await.is_none() });
    let second = beats_after("idle", first).await;
    assert!(second <= now());
    worker.abort();
    reaches(telemetry, &of_queue("worker_active", "idle"), 0.0).await;
    let last = value(telemetry, &of_queue("worker_heartbeat_timestamp_seconds", "idle"));
    // That others still live moves nothing.
    let (_other, mut receiver) = channel::<()>("other", 1);
    let other = tokio::spawn(async move { receiver.recv().await.is_none() });
    beats_after("other", now()).await;
    other.abort();
    assert_eq!(value(telemetry, &of_queue("worker_heartbeat_timestamp_seconds", "idle")), last);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_takes_long_shows_that_its_worker_lives_and_a_silent_worker_is_told() {
    let telemetry = telemetry();
    let (sender, mut receiver) = channel::<()>("long", 1);
    let first = value(telemetry, &of_queue("worker_heartbeat_timestamp_seconds", "long"));
    sender.send(()).await.unwrap();
    let job = receiver.recv().await.unwrap();
    let busy = tokio::spawn(job.run("wait", |()| std::future::pending::<()>()));
    let beat = beats_after("long", first).await;

    let silent = Queue::new("long").worker();
    assert_eq!(value(telemetry, &of_queue("worker_active", "long")), 2.0);
    let told = value(telemetry, &of_queue("worker_heartbeat_timestamp_seconds", "long"));
    assert_eq!(told, beat, "the one that is silent for longest");
    let (_watched, mut receiver_of_other) = channel::<()>("pace", 1);
    let other = tokio::spawn(async move { receiver_of_other.recv().await.is_none() });
    let later = beats_after("pace", now()).await;
    other.abort();
    // By then the job has shown life again, and the other worker has not.
    let told = beats_after("long", beat).await;
    assert!(told < later - 1.0, "{told} {later}");
    drop(silent);
    reaches(telemetry, &of_queue("worker_active", "long"), 1.0).await;
    beats_after("long", told).await;
    busy.abort();
    drop(receiver);
    reaches(telemetry, &of_queue("worker_active", "long"), 0.0).await;
}
