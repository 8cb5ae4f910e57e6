//! Annotated functions of a crate of an older edition, each with a plain twin from the same source where the edition
//! could make them differ.
#![allow(missing_docs, reason = "they are called by tests and nobody else")]

use std::cell::RefCell;
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use tachograph::timed;

/// As long as the tests take for a body's work.
pub fn work() {
    std::thread::sleep(Duration::from_millis(2));
}

struct Yields(bool);

impl Future for Yields {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

pub async fn work_later() {
    work();
    Yields(false).await;
}

/// Says when it goes.
pub struct Noisy(pub Rc<RefCell<Vec<&'static str>>>, pub &'static str);

impl Noisy {
    fn say(&self, what: &'static str) {
        self.0.borrow_mut().push(what);
    }

    fn another(&self, name: &'static str) -> Noisy {
        Noisy(self.0.clone(), name)
    }

    fn length(&self) -> Option<usize> {
        Some(self.1.len())
    }
}

impl Drop for Noisy {
    fn drop(&mut self) {
        self.say(self.1);
    }
}

#[timed]
pub fn function(text: &str) -> Result<u8, std::num::ParseIntError> {
    work();
    let number: u8 = text.parse()?;
    Ok(number)
}

#[timed]
pub async fn async_elided(one: &str, other: &mut Vec<u8>) -> usize {
    work_later().await;
    other.push(1);
    one.len() + other.len()
}

#[timed]
pub async fn async_elided_result(text: &str, _other: Box<dyn Display + Send>) -> Result<&str, u8> {
    work_later().await;
    if text.is_empty() {
        return Err(1);
    }
    Ok(text.trim())
}

#[timed]
pub fn impl_iterator<'a>(numbers: &'a [u8]) -> impl Iterator<Item = &'a u8> + 'a {
    work();
    numbers.iter().rev()
}

/// In these editions such a type holds no lifetime that it does not name.
#[timed]
pub fn impl_that_captures_no_lifetime(text: &str) -> impl Display {
    work();
    text.len()
}

#[timed]
pub fn impl_future_that_captures_no_lifetime(text: &str) -> impl Future<Output = usize> + Send {
    let length = text.len();
    async move {
        work_later().await;
        length
    }
}

#[timed]
pub fn boxed_future<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Result<usize, u8>> + Send + 'a>> {
    Box::pin(async move {
        work_later().await;
        Err(text.len() as u8)
    })
}

/// The body of such a function may do what is unsafe without saying so again.
///
/// # Safety
/// The pointer must be one to a number.
#[timed]
#[allow(unsafe_op_in_unsafe_fn, reason = "that is the test")]
pub unsafe fn unsafe_throughout(number: *const u8) -> u8 {
    work();
    *number
}

/// `gen` is a keyword in later editions.
#[timed]
#[allow(keyword_idents_2024, reason = "that is the test")]
pub fn gen(gen: u8, (_, other): (u8, u8)) -> u8 {
    work();
    gen + other
}

#[timed]
#[allow(keyword_idents_2024, reason = "that is the test")]
pub async fn async_gen(gen: String, (_, other): (u8, u8)) -> usize {
    work_later().await;
    gen.len() + usize::from(other)
}

#[timed]
#[track_caller]
pub fn tracked(number: Option<u8>) -> Option<u32> {
    work();
    number?;
    Some(std::panic::Location::caller().line())
}

#[timed]
pub async fn for_ever() -> ! {
    work_later().await;
    panic!("on purpose")
}

pub struct Store(pub Vec<u8>);

impl Store {
    #[timed]
    pub async fn async_reborrow(&mut self, number: &u8) -> &mut u8 {
        work_later().await;
        self.0.push(*number);
        self.0.last_mut().unwrap_or_else(|| unreachable!())
    }
}

#[timed]
impl Store {
    pub fn whole_impl(&self) -> Option<&u8> {
        work();
        self.0.first()
    }
}

/// What such a body borrows for its result lives until the borrow is over, also where it was an argument.
#[timed]
pub fn tail_borrow(mut numbers: RefCell<Vec<u8>>) -> Option<u8> {
    work();
    numbers.get_mut().push(1);
    numbers.borrow().first().copied()
}

#[timed]
pub async fn async_tail_borrow(numbers: RefCell<Vec<u8>>, (others, _): (RefCell<Vec<u8>>, u8)) -> Option<u8> {
    work_later().await;
    numbers.borrow().first().or(others.borrow().first()).copied()
}

/// The same function annotated and plain.
macro_rules! twins {
    ($annotated:ident, $plain:ident: $($function:tt)*) => {
        twins!(@each [#[timed]] $annotated [$($function)*]);
        twins!(@each [] $plain [$($function)*]);
    };
    (@each [$($attributes:tt)*] $name:ident [async ($($parameters:tt)*) $(-> $output:ty)? $body:block]) => {
        $($attributes)* pub async fn $name($($parameters)*) $(-> $output)? $body
    };
    (@each [$($attributes:tt)*] $name:ident [($($parameters:tt)*) $(-> $output:ty)? $body:block]) => {
        $($attributes)* pub fn $name($($parameters)*) $(-> $output)? $body
    };
}

twins!(tail_temporaries, tail_temporaries_plainly: (held: Noisy, _other: Noisy) -> Option<usize> {
    work();
    let _local = held.another("local");
    held.another("temporary").length()
});

twins!(async_tail_temporaries, async_tail_temporaries_plainly: async (held: Noisy, _other: Noisy) -> Option<usize> {
    work_later().await;
    let _local = held.another("local");
    held.another("temporary").length()
});

twins!(if_let_temporaries, if_let_temporaries_plainly: (held: Noisy) -> usize {
    work();
    if let Some(20) = held.another("temporary").length() {
        0
    } else {
        held.say("else");
        1
    }
});

twins!(moves_a_part, moves_a_part_plainly: (pair: (Noisy, Noisy), last: Noisy) -> Noisy {
    work();
    let _local = last.another("local");
    let taken = pair.0;
    last.say("body ends");
    taken
});

twins!(async_moves_a_part, async_moves_a_part_plainly: async (pair: (Noisy, Noisy), last: Noisy) -> Noisy {
    work_later().await;
    let _local = last.another("local");
    let taken = pair.0;
    last.say("body ends");
    taken
});

twins!(closure_captures, closure_captures_plainly: (pair: (Noisy, Noisy)) -> usize {
    work();
    let takes = move || pair.0.1.len();
    takes()
});

twins!(size_of_an_item, size_of_an_item_plainly: (numbers: [u8; 2]) -> usize {
    work();
    #[allow(array_into_iter, clippy::into_iter_on_ref, reason = "that is the test")]
    let first = numbers.into_iter().next();
    std::mem::size_of_val(&first)
});
