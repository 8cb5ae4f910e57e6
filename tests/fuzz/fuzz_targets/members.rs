//! Members made of whatever bytes the fuzzer thinks of: names, texts and numbers. The files are the runtime's own.
#![no_main]
#![allow(dead_code, reason = "the runtime uses what is not used here")]

#[path = "../../../runtime/src/field.rs"]
mod field;
#[path = "../../../runtime/src/sensitive.rs"]
mod sensitive;
mod logs;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| logs::check(bytes));
