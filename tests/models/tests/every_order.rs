//! Runs the models.

use tachograph_models::{
    a_flush_comes_back_and_nothing_is_lost, a_full_queue_goes_on, a_line_is_seen_whole_or_not_at_all,
    a_line_is_written_though_nobody_asks, a_reader_finds_each_call_once, cells_pass_from_thread_to_thread,
};

#[test]
fn calls_that_are_sorted_under_a_readers_eyes_count_once() {
    a_reader_finds_each_call_once(2, &[0, 1, 0]);
}

#[test]
fn a_reader_that_is_overtaken_by_rounds_of_sorting_misses_nothing_it_knew() {
    a_reader_finds_each_call_once(1, &[0, 0, 0]);
}

#[test]
fn cells_of_a_thread_that_ended_go_on() {
    cells_pass_from_thread_to_thread(3);
}

#[test]
fn lines_are_added_while_they_are_looked_through() {
    a_line_is_seen_whole_or_not_at_all(2);
}

#[test]
fn the_writer_of_the_log_is_always_woken() {
    a_flush_comes_back_and_nothing_is_lost(2);
}

#[test]
fn producers_that_wait_for_room_are_always_woken() {
    a_full_queue_goes_on(2);
}

#[test]
fn the_writer_of_the_log_is_woken_by_a_line_alone() {
    a_line_is_written_though_nobody_asks(2);
}
