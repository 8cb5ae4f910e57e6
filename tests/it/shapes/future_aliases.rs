//! Functions that give a future whose type has a name of the user's own.

use std::future::Future;
use std::pin::Pin;

use tachograph::timed;

use super::driver::work_later;

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type LaterResult<'a, T> = Pin<Box<dyn Future<Output = Result<T, u8>> + Send + 'a>>;

#[timed]
fn alias_of_a_future(number: u8) -> Later<u8> {
    Box::pin(async move {
        work_later().await;
        number
    })
}
shape!(send alias_of_a_future => Ok, { assert_eq!(alias_of_a_future(1).await, 1) });

#[timed]
fn alias_of_a_failing_future(text: &str) -> LaterResult<'_, &str> {
    Box::pin(async move {
        work_later().await;
        if text.is_empty() { Err(1) } else { Ok(text) }
    })
}
shape!(send alias_of_a_failing_future => Error, { assert_eq!(alias_of_a_failing_future("").await, Err(1)) });
