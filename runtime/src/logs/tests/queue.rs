//! Between producers and the writer.

use super::*;
use crate::logs::batch::Batch;
use crate::logs::queue::Position;

fn queue(limit: usize, overflow: Overflow) -> Queue {
    Queue::new(limit, overflow, Batch::default())
}

fn count(records: u64, bytes: u64) -> Position {
    Position { records, bytes }
}

#[test]
fn a_flush_tells_what_is_not_written() {
    let queue = queue(1_000, Overflow::Block);
    assert_eq!(queue.flush(Duration::ZERO), Ok(()));
    queue.push(b"one\n", Route::EVERYDAY, false);
    queue.push(b"second\n", Route::EVERYDAY, false);
    let unwritten = queue.flush(Duration::ZERO).unwrap_err();
    assert_eq!((unwritten.records(), unwritten.bytes()), (2, 11));
    queue.report(count(1, 4), true);
    let unwritten = queue.flush(Duration::from_millis(1)).unwrap_err();
    assert_eq!((unwritten.records(), unwritten.bytes()), (1, 7));
    assert!(unwritten.to_string().starts_with("1 log records (7 bytes) are not written"), "{unwritten}");
    queue.report(count(1, 7), false);
    assert_eq!(queue.flush(Duration::ZERO), Ok(()));
}

#[test]
fn a_full_queue_refuses_while_writes_fail() {
    let queue = queue(10, Overflow::Block);
    queue.report(count(0, 0), true);
    assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Accepted(1));
    assert_eq!(queue.push(b"1\n", Route::EVERYDAY, false), Pushed::Full);
    assert_eq!(queue.push(b"", Route::EVERYDAY, false), Pushed::Accepted(2));
}

#[test]
fn a_full_queue_blocks_while_writes_succeed() {
    let queue = queue(10, Overflow::Block);
    std::thread::scope(|scope| {
        let producer = scope.spawn(|| {
            for record in 1..=1_000 {
                assert_eq!(queue.push(b"1234567\n", Route::EVERYDAY, false), Pushed::Accepted(record));
            }
        });
        let (mut batch, mut lines) = (Batch::default(), 0);
        while lines < 1_000 && queue.wait() {
            assert!(queue.take(&mut batch));
            assert!(batch.bytes().len() <= 10);
            lines += batch.lines().len();
            batch.clear();
        }
        producer.join().unwrap();
    });
}

#[test]
fn a_queue_that_drops_never_waits() {
    let queue = queue(10, Overflow::Drop);
    assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Accepted(1));
    assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Full);
    assert!(queue.take(&mut Batch::default()));
    assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Accepted(2));
}

#[test]
fn a_copy_that_can_have_no_writer_takes_nothing() {
    let queue = queue(10, Overflow::Block);
    queue.hold().orphan();
    queue.adopt(|_| false);
    assert_eq!(queue.push(b"1\n", Route::EVERYDAY, false), Pushed::Closed);
    assert!(!queue.wait_finished(Duration::ZERO).0);
}

#[test]
fn a_stalled_write_holds_nobody_up_until_it_comes_back() {
    let queue = queue(10, Overflow::Block);
    assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Accepted(1));
    assert!(!queue.is_settled(1));
    queue.stall();
    assert!(queue.is_settled(1));
    assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Full);
    assert!(queue.take(&mut Batch::default()));
    queue.report(count(1, 9), false);
    assert!(queue.is_settled(1) && !queue.is_settled(2));
}

#[test]
fn a_failure_calls_for_the_writer_also_where_nothing_is_queued() {
    let queue = queue(10, Overflow::Block);
    queue.report(count(0, 0), true);
    assert!(queue.wait());
    queue.report(count(0, 0), false);
    queue.close();
    assert!(!queue.wait());
}

#[test]
fn the_copy_of_a_process_has_nothing_queued_and_needs_a_writer_once() {
    let queue = queue(10, Overflow::Block);
    assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Accepted(1));
    queue.hold().orphan();
    assert_eq!(queue.flush(Duration::ZERO), Ok(()));
    assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Orphaned);
    let mut made = 0;
    (0..2).for_each(|_| queue.adopt(|is_closed| (made += 1, !is_closed).1));
    assert_eq!(made, 1);
    assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Accepted(2));
}

#[test]
fn producers_that_are_blocked_go_on_when_writes_begin_to_fail() {
    let queue = queue(10, Overflow::Block);
    assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Accepted(1));
    std::thread::scope(|scope| {
        let producer = scope.spawn(|| queue.push(b"12345678\n", Route::EVERYDAY, false));
        queue.report(count(0, 0), true);
        assert_eq!(producer.join().unwrap(), Pushed::Full);
    });
}

#[test]
fn a_line_longer_than_the_queue_passes_alone() {
    let queue = queue(4, Overflow::Block);
    assert_eq!(queue.push(b"12345678\n", Route::EVERYDAY, false), Pushed::Accepted(1));
    let mut batch = Batch::default();
    assert!(queue.take(&mut batch));
    assert_eq!(batch.bytes(), b"12345678\n");
}

#[test]
fn a_closed_queue_gives_what_it_has_and_takes_no_more() {
    let queue = queue(100, Overflow::Block);
    queue.push(b"last\n", Route::EVERYDAY, false);
    queue.close();
    assert_eq!(queue.push(b"late\n", Route::EVERYDAY, false), Pushed::Closed);
    let mut batch = Batch::default();
    assert!(queue.take(&mut batch));
    batch.clear();
    assert!(!queue.take(&mut batch));
    assert!(!queue.pause(Duration::MAX), "a writer that fails must not wait any longer");
}
