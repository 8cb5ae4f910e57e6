//! Traits whose methods are asynchronous, in all the ways in which that is said.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use async_trait::async_trait;
use tachograph::timed;

use super::driver::{give_way, panic_of_future, work_later};

struct Square(u8);

trait Fetch {
    async fn async_trait_method(&self, add: &u8) -> Result<u8, u8>;

    #[timed]
    async fn async_trait_default(&self) -> u8 {
        work_later().await;
        1
    }

    async fn async_trait_function() -> u8;

    async fn async_trait_by_value(self) -> u8
    where
        Self: Sized;
}

impl Fetch for Square {
    #[timed]
    async fn async_trait_method(&self, add: &u8) -> Result<u8, u8> {
        work_later().await;
        Err(self.0 + add)
    }

    #[timed]
    async fn async_trait_function() -> u8 {
        work_later().await;
        3
    }

    #[timed]
    async fn async_trait_by_value(self) -> u8 {
        work_later().await;
        self.0
    }
}
shape!(send async_trait_method => Error, { assert_eq!(Square(1).async_trait_method(&1).await, Err(2)) });
shape!(local async_trait_default => Ok, { assert_eq!(Square(1).async_trait_default().await, 1) });
shape!(send async_trait_function => Ok, { assert_eq!(Square::async_trait_function().await, 3) });
shape!(send async_trait_by_value => Ok, { assert_eq!(Square(4).async_trait_by_value().await, 4) });

trait FetchSend: Sync {
    fn send_trait_method(&self, text: &str) -> impl Future<Output = Result<u8, u8>> + Send;

    #[timed]
    fn send_trait_default(&self) -> impl Future<Output = u8> + Send {
        async {
            work_later().await;
            self.send_trait_method("ab").await.unwrap_or_default()
        }
    }
}

impl FetchSend for Square {
    #[timed]
    async fn send_trait_method(&self, text: &str) -> Result<u8, u8> {
        work_later().await;
        give_way().await;
        if text.is_empty() { Err(self.0) } else { Ok(text.len() as u8) }
    }
}

/// Only the trait says that the future is `Send`.
async fn through_the_bound(fetch: impl FetchSend, text: &str) -> Result<u8, u8> {
    fetch.send_trait_method(text).await
}
shape!(send send_trait_method => Error, { assert_eq!(through_the_bound(Square(1), "").await, Err(1)) });
shape!(send send_trait_default => [
    send "send_trait_default" => 1 x Ok
], {
    struct Other;
    impl FetchSend for Other {
        async fn send_trait_method(&self, text: &str) -> Result<u8, u8> {
            Ok(text.len() as u8)
        }
    }
    assert_eq!(Other.send_trait_default().await, 2);
});

trait Generic<T> {
    async fn async_method_of_a_generic_trait<'a, U: Into<T>>(&'a mut self, value: U) -> &'a mut T
    where
        T: 'a;
}

impl<T> Generic<T> for Vec<T> {
    #[timed]
    async fn async_method_of_a_generic_trait<'a, U: Into<T>>(&'a mut self, value: U) -> &'a mut T
    where
        T: 'a,
    {
        work_later().await;
        self.push(value.into());
        self.last_mut().unwrap()
    }
}
shape!(send async_method_of_a_generic_trait => Ok, {
    let mut numbers = vec![1_u16];
    *numbers.async_method_of_a_generic_trait(2_u8).await += 1;
    assert_eq!(numbers, [1, 3]);
});

#[async_trait]
trait Boxed {
    async fn boxed_by_async_trait(&self, text: &str) -> Result<usize, u8>;

    async fn boxed_with_its_receiver(&mut self, numbers: &mut Vec<u8>);

    async fn boxed_generic<T: Send + 'static>(&self, value: T) -> T
    where
        Self: Sized;

    async fn boxed_that_panics(self: Box<Self>) -> u8;

    #[timed]
    async fn boxed_default(&self) -> u8 {
        work_later().await;
        7
    }
}

#[async_trait]
impl Boxed for Square {
    #[timed]
    async fn boxed_by_async_trait(&self, text: &str) -> Result<usize, u8> {
        work_later().await;
        if text.is_empty() {
            return Err(self.0);
        }
        Ok(text.len())
    }

    #[timed(name = "boxed_with_its_receiver")]
    async fn boxed_with_its_receiver(&mut self, numbers: &mut Vec<u8>) {
        work_later().await;
        give_way().await;
        numbers.push(self.0);
    }

    #[timed]
    async fn boxed_generic<T: Send + 'static>(&self, value: T) -> T {
        work_later().await;
        value
    }

    #[timed]
    async fn boxed_that_panics(self: Box<Self>) -> u8 {
        work_later().await;
        panic!("{}", self.0)
    }
}
shape!(send boxed_by_async_trait => Error, {
    let object: Box<dyn Boxed + Sync + Send> = Box::new(Square(1));
    assert_eq!(object.boxed_by_async_trait("").await, Err(1));
});
shape!(send boxed_with_its_receiver => Ok, {
    let mut numbers = vec![];
    Square(1).boxed_with_its_receiver(&mut numbers).await;
    assert_eq!(numbers, [1]);
});
shape!(send boxed_generic => Ok, { assert_eq!(Square(1).boxed_generic("a").await, "a") });
shape!(send boxed_that_panics => Panic, {
    assert_eq!(panic_of_future(Box::new(Square(3)).boxed_that_panics()).await, "3");
});
shape!(send boxed_default => Ok, { assert_eq!(Square(1).boxed_default().await, 7) });

#[async_trait(?Send)]
trait BoxedLocal {
    async fn boxed_not_send(&self, number: Rc<u8>) -> Rc<u8>;
}

#[async_trait(?Send)]
impl BoxedLocal for Square {
    #[timed]
    async fn boxed_not_send(&self, number: Rc<u8>) -> Rc<u8> {
        work_later().await;
        number
    }
}
shape!(local boxed_not_send => Ok, { assert_eq!(*Square(1).boxed_not_send(Rc::new(2)).await, 2) });

trait ByHand {
    fn boxed_by_hand<'a>(
        &'a self,
        text: &'a str,
    ) -> Pin<Box<dyn Future<Output = Option<&'a str>> + Send + 'a>>;

    #[timed]
    fn boxed_by_hand_by_default(&self) -> Pin<Box<dyn Future<Output = u8> + Send + '_>> {
        Box::pin(async {
            work_later().await;
            1
        })
    }
}

impl ByHand for Square {
    #[timed]
    fn boxed_by_hand<'a>(
        &'a self,
        text: &'a str,
    ) -> Pin<Box<dyn Future<Output = Option<&'a str>> + Send + 'a>> {
        Box::pin(async move {
            work_later().await;
            text.get(usize::from(self.0)..)
        })
    }
}
shape!(send boxed_by_hand => Ok, {
    let object: &(dyn ByHand + Sync) = &Square(1);
    assert_eq!(object.boxed_by_hand("ab").await, Some("b"));
});
shape!(local boxed_by_hand_by_default => Ok, { assert_eq!(Square(1).boxed_by_hand_by_default().await, 1) });
