use std::io;
use std::time::Duration;

use super::*;
use crate::clock::manual::Clock;
use crate::measurement::page_after;
use crate::names::DOWNLOAD_ERROR_TYPES;

#[track_caller]
fn has(page: &str, samples: &[&str]) {
    for sample in samples {
        assert!(page.lines().any(|line| line == *sample), "{sample} is not in\n{page}");
    }
}

#[test]
fn everything_is_there_from_the_start() {
    let page = page_after(|| drop(Downloads::new("mirror")));
    has(&page, &["downloads_queued{queue=\"mirror\"} 0", "downloads_active{queue=\"mirror\"} 0"]);
    has(&page, &["download_bytes_total{queue=\"mirror\"} 0"]);
    has(&page, &["download_duration_seconds_count{queue=\"mirror\"} 0"]);
    for error_type in DOWNLOAD_ERROR_TYPES {
        has(&page, &[&format!("downloads_total{{error_type=\"{error_type}\",queue=\"mirror\"}} 0")]);
    }
}

#[test]
fn what_was_made_before_there_was_a_page_is_on_it_later() {
    let downloads = Downloads::new("older");
    let under_way = downloads.start();
    let page = page_after(|| {
        drop(under_way);
        downloads.start().finish();
    });
    has(&page, &["downloads_active{queue=\"older\"} 0"]);
    has(&page, &["downloads_total{error_type=\"\",queue=\"older\"} 1"]);
    has(&page, &["downloads_total{error_type=\"cancelled\",queue=\"older\"} 1"]);
}

#[test]
fn a_download_waits_runs_and_ends() {
    let page = page_after(|| {
        let clock = Clock::at(1);
        let downloads = Downloads::new("mirror");
        let (waiting, other) = (downloads.queue(), downloads.queue());
        let mut download = waiting.start();
        download.received(300_000);
        clock.advance(Duration::from_secs(2));
        download.received(100_000);
        assert_eq!(download.bytes(), 400_000);
        download.finish();
        let _under_way = std::mem::ManuallyDrop::new((downloads.start(), other));
    });
    has(&page, &["downloads_queued{queue=\"mirror\"} 1", "downloads_active{queue=\"mirror\"} 1"]);
    has(&page, &["download_bytes_total{queue=\"mirror\"} 400000"]);
    has(&page, &["downloads_total{error_type=\"\",queue=\"mirror\"} 1"]);
    has(&page, &["download_duration_seconds_sum{queue=\"mirror\"} 2"]);
    has(&page, &["download_speed_bytes_per_second_sum{queue=\"mirror\"} 200000"]);
}

#[test]
fn each_end_counts_once_under_its_reason() {
    let page = page_after(|| {
        let downloads = Downloads::new("mirror");
        drop(downloads.start());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _download = downloads.start();
            std::panic::resume_unwind(Box::new(()));
        }));
        assert!(panicked.is_err());
        for kind in [io::ErrorKind::TimedOut, io::ErrorKind::ConnectionReset, io::ErrorKind::StorageFull] {
            downloads.start().end(&Err::<(), _>(io::Error::from(kind)));
        }
        downloads.start().end(&Err::<(), _>(io::Error::other("who knows")));
        downloads.start().fail(Reason::Status);
        downloads.start().fail(Reason::Integrity);
    });
    for error_type in &DOWNLOAD_ERROR_TYPES[1..] {
        has(&page, &[&format!("downloads_total{{error_type=\"{error_type}\",queue=\"mirror\"}} 1")]);
    }
    has(&page, &["downloads_active{queue=\"mirror\"} 0"]);
    has(&page, &["download_speed_bytes_per_second_count{queue=\"mirror\"} 0"]);
}
