//! Channels of tokio.

use std::future::pending;
use std::sync::Arc;

use tachograph::workers::{Received, channel};
use tachograph::{Context, TraceContext, request_id, with_request_id};
use tokio::sync::mpsc::error::TrySendError;

use super::{of_queue, of_task, outcomes, reaches, records, telemetry, value};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_of_the_request_that_sent_it() {
    let telemetry = telemetry();
    let (sender, mut receiver) = channel::<&str>("letters", 10);
    let trace = TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", []).unwrap();
    let worker = tokio::spawn(async move {
        let mut seen = Vec::new();
        while let Some(job) = receiver.recv().await {
            let told = async |text: &str| {
                tokio::task::yield_now().await;
                tracing::info!(text, "letter");
                seen.push((request_id().unwrap(), Context::current()));
                Ok::<_, ()>(())
            };
            job.run("deliver", told).await.unwrap();
        }
        seen
    });
    let context = Context::with_id("letter-17").field("user", 7).with_trace(trace.clone());
    context.scope(sender.send("a")).await.unwrap();
    with_request_id("letter-18", || sender.try_send("b")).unwrap();
    sender.reserve().await.unwrap().send("c");
    drop(sender);
    let seen = worker.await.unwrap();
    assert_eq!(
        seen.iter().map(|(id, _)| id.as_str()).take(2).collect::<Vec<_>>(),
        ["letter-17", "letter-18"]
    );
    assert_eq!(seen[2].0.len(), 36);
    let step = seen[0].1.trace().unwrap();
    assert_eq!(step.trace_id(), trace.trace_id());
    assert_ne!(step.span_id(), trace.span_id());
    let records = records(telemetry, "letter-17");
    assert_eq!(records.len(), 1);
    assert_eq!((&records[0]["message"], &records[0]["extra"]["user"]), (&"letter".into(), &7.into()));
    assert_eq!(outcomes(telemetry, "letters", "deliver"), [3.0, 0.0, 0.0, 0.0]);
    assert_eq!(value(telemetry, &of_queue("worker_queue_wait_seconds_count", "letters")), 3.0);
    assert_eq!(value(telemetry, &of_task("worker_task_duration_seconds_count", "letters", "deliver")), 3.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_job_ends_in_one_way() {
    let telemetry = telemetry();
    let (sender, mut receiver) = channel::<u32>("ends", 10);
    let run = async |job: Received<u32>| {
        job.run("end", |number| async move {
            tokio::task::yield_now().await;
            match number {
                0 => Ok(()),
                1 => Err("refused"),
                2 => panic!("the bridge is out"),
                _ => pending().await,
            }
        })
        .await
    };
    for number in 0..3 {
        sender.send(number).await.unwrap();
    }
    assert_eq!(run(receiver.recv().await.unwrap()).await, Ok(()));
    assert_eq!(run(receiver.recv().await.unwrap()).await, Err("refused"));
    let job = receiver.recv().await.unwrap();
    let panicked = tokio::spawn(job.run("end", |_| async { panic!("the bridge is out") as () })).await;
    assert!(panicked.unwrap_err().is_panic());
    sender.send(3).await.unwrap();
    let job = receiver.recv().await.unwrap();
    let hung = tokio::spawn(job.run("end", |_| pending::<()>()));
    reaches(telemetry, &of_queue("worker_busy", "ends"), 1.0).await;
    hung.abort();
    assert!(hung.await.unwrap_err().is_cancelled());
    assert_eq!(outcomes(telemetry, "ends", "end"), [1.0, 1.0, 1.0, 1.0]);
    assert_eq!(value(telemetry, &of_queue("worker_busy", "ends")), 0.0);
    sender.send(0).await.unwrap();
    assert_eq!(receiver.recv().await.unwrap().run_blocking("end", Ok::<_, ()>), Ok(0));
    assert_eq!(outcomes(telemetry, "ends", "end"), [2.0, 1.0, 1.0, 1.0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_depth_is_right_whoever_sends_and_whatever_becomes_of_the_jobs() {
    let telemetry = telemetry();
    let (depth, not_run) = (of_queue("worker_queue_depth", "depths"), |reason: &str| {
        format!("worker_jobs_not_run_total{{queue=\"depths\",reason=\"{reason}\"}}")
    });
    let (sender, mut receiver) = channel::<u32>("depths", 64);
    let sender = Arc::new(sender);
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let sender = Arc::clone(&sender);
            tokio::spawn(async move {
                for number in 0..1_000 {
                    sender.send(number).await.unwrap();
                }
            })
        })
        .collect();
    for _ in 0..3_990 {
        receiver.recv().await.unwrap().run_blocking("count", |_| ());
    }
    for sender in senders {
        sender.await.unwrap();
    }
    assert_eq!(value(telemetry, &depth), 10.0);
    assert_eq!(outcomes(telemetry, "depths", "count")[0], 3_990.0);

    while sender.try_send(7).is_ok() {}
    assert_eq!(value(telemetry, &depth), 64.0);
    assert_eq!(value(telemetry, &not_run("full")), 1.0);
    assert!(matches!(sender.try_send(7), Err(TrySendError::Full(7))));
    let taken = receiver.recv().await.unwrap();
    let room = sender.try_reserve().unwrap();
    assert_eq!(value(telemetry, &depth), 63.0);
    drop(room);

    drop(taken);
    assert_eq!(value(telemetry, &not_run("dropped")), 1.0);
    drop(receiver);
    assert_eq!(value(telemetry, &depth), 0.0);
    assert_eq!(value(telemetry, &not_run("dropped")), 64.0);
    assert!(sender.is_closed());
    assert!(sender.send(7).await.is_err());
    assert!(matches!(sender.try_send(7), Err(TrySendError::Closed(7))));
    assert_eq!((value(telemetry, &not_run("full")), value(telemetry, &not_run("closed"))), (2.0, 2.0));
}

#[tokio::test]
async fn an_attempt_that_is_not_the_first_is_a_retry() {
    let telemetry = telemetry();
    let (sender, mut receiver) = channel::<u32>("again", 10);
    sender.send(7).await.unwrap();
    for expected in 1..=3 {
        let job = receiver.recv().await.unwrap();
        assert_eq!((job.attempt(), *job.payload()), (expected, 7));
        let failed = job.run("stumble", |number| async move { Err::<(), _>(number) }).await;
        sender.try_send_attempt(failed.unwrap_err(), expected + 1).unwrap();
    }
    assert_eq!(value(telemetry, &of_task("worker_retries_total", "again", "stumble")), 2.0);
    assert_eq!(outcomes(telemetry, "again", "stumble"), [0.0, 3.0, 0.0, 0.0]);
}
