//! The queue of the log, between producers and the thread that writes.

#[path = "../../../../runtime/src/logs/queue.rs"]
mod queue;
mod batch;
mod route;
mod sync;

use std::sync::Arc;
use std::time::Duration;

use self::batch::Batch;
use self::queue::{Overflow, Position, Pushed, Queue};
use self::route::Route;
use crate::check;

fn position(records: u64) -> Position {
    Position { records, bytes: records }
}

/// Writes until the queue is closed; gives how many lines that were.
fn write(queue: &Queue) -> u64 {
    let mut written = 0;
    while queue.wait() {
        let mut batch = Batch::default();
        if queue.take(&mut batch) {
            written += batch.0;
            queue.report(position(batch.0), false);
        }
    }
    queue.finish();
    written
}

/// Two threads log, one of them something urgent, and one waits until it is written. A wake-up that got lost would leave the
/// writer asleep for ever.
pub fn a_flush_comes_back_and_nothing_is_lost(preemptions: usize) {
    check(preemptions, || {
        let queue = Arc::new(Queue::new(100, Overflow::Block, Batch::default()));
        let writer = {
            let queue = Arc::clone(&queue);
            loom::thread::spawn(move || write(&queue))
        };
        let other = {
            let queue = Arc::clone(&queue);
            loom::thread::spawn(move || {
                assert!(matches!(queue.push(b"1", Route, false), Pushed::Accepted(_)))
            })
        };
        assert!(matches!(queue.push(b"2", Route, false), Pushed::Accepted(_)));
        assert!(queue.flush(Duration::MAX).is_ok());
        other.join().expect("the producer ends well");
        queue.close();
        assert!(queue.wait_finished(Duration::MAX).1.is_ok());
        assert_eq!(writer.join().expect("the writer ends well"), 2);
    });
}

/// A line is written though nobody asks for it, wherever the writer was when it came.
pub fn a_line_is_written_though_nobody_asks(preemptions: usize) {
    check(preemptions, || {
        let queue = Arc::new(Queue::new(100, Overflow::Block, Batch::default()));
        let writer = {
            let queue = Arc::clone(&queue);
            loom::thread::spawn(move || write(&queue))
        };
        for record in 1..=2 {
            assert_eq!(queue.push(b"1", Route, false), Pushed::Accepted(record));
            while !queue.is_settled(record) {
                loom::thread::yield_now();
            }
        }
        queue.close();
        assert_eq!(writer.join().expect("the writer ends well"), 2);
    });
}

/// A queue with room for one line, and two threads that log: whoever finds it full goes on when there is room.
pub fn a_full_queue_goes_on(preemptions: usize) {
    check(preemptions, || {
        let queue = Arc::new(Queue::new(1, Overflow::Block, Batch::default()));
        let writer = {
            let queue = Arc::clone(&queue);
            loom::thread::spawn(move || write(&queue))
        };
        let push = |queue: &Queue| assert!(matches!(queue.push(b"1", Route, false), Pushed::Accepted(_)));
        let other = {
            let queue = Arc::clone(&queue);
            loom::thread::spawn(move || push(&queue))
        };
        push(&queue);
        other.join().expect("the producer ends well");
        queue.close();
        assert_eq!(writer.join().expect("the writer ends well"), 2);
    });
}
