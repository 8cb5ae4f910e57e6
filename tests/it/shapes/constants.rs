//! Functions among constants named as generated code might name its variables.
#![allow(dead_code, non_upper_case_globals, reason = "names stand here only to be in the way")]

/// Constants and statics are patterns: a generated `let call = …` would not compile here.
mod named {
    use super::super::driver::{work, work_later};

    const e: u8 = 1;
    const x: u8 = 2;
    const f: u8 = 3;
    const result: u8 = 4;
    const output: u8 = 5;
    const call: u8 = 6;
    const site: u8 = 7;
    const error: u8 = 8;
    const value: u8 = 9;
    const body: u8 = 10;
    const future: u8 = 11;
    const never: u8 = 12;
    const argument_0: u8 = 13;
    const _request: u8 = 14;
    static guard: u8 = 15;
    static TACHO: u8 = 16;

    #[tachograph::timed]
    pub(super) fn among_constants() -> Result<u8, u8> {
        work();
        Err(e + x + f + result + output + call + site + error + value + body + future + never)
    }

    #[tachograph::timed(err)]
    pub(super) async fn async_among_constants(mut number: u8, (first, _): (u8, u8)) -> Result<u8, String> {
        work_later().await;
        number += first;
        Err((output + result + call + site + number).to_string())
    }

    #[tachograph::timed]
    #[track_caller]
    pub(super) fn tracked_among_constants() -> u8 {
        work();
        call + output
    }

    #[tachograph::timed]
    pub(super) async fn for_ever_among_constants() -> ! {
        work_later().await;
        panic!("{}", never)
    }

    #[tachograph::timed(labels(kind = x))]
    pub(super) fn labelled_among_constants() -> u8 {
        work();
        site
    }
}
shape!(sync among_constants => Error, { assert_eq!(named::among_constants(), Err(78)) });
shape!(send async_among_constants => Error, {
    assert_eq!(named::async_among_constants(1, (1, 2)).await, Err("24".into()));
});
shape!(sync tracked_among_constants => Ok, { assert_eq!(named::tracked_among_constants(), 11) });
shape!(send for_ever_among_constants => Panic, {
    assert_eq!(driver::panic_of_future(async { named::for_ever_among_constants().await }).await, "12");
});
shape!(sync labelled_among_constants => Ok, { assert_eq!(named::labelled_among_constants(), 7) });
