//! Functions that see their caller, and leave early with a success.

use tachograph::timed;

use super::driver::{line_of_panic, work};

#[timed]
#[track_caller]
fn tracked_early_success(numbers: &[Result<u8, u8>]) -> Result<u8, u8> {
    work();
    for number in numbers {
        if (*number)? == 0 {
            return Ok(0);
        }
    }
    Ok(1)
}
shape!(sync tracked_early_success => Ok, { assert_eq!(tracked_early_success(&[Ok(0), Err(1)]), Ok(0)) });

#[timed]
#[track_caller]
fn tracked_for_ever() -> ! {
    work();
    panic!("on purpose")
}
shape!(sync tracked_for_ever => Panic, {
    let here = line!() + 1;
    assert_eq!(line_of_panic(|| tracked_for_ever()), here);
});
