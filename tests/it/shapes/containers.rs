//! The attribute on a whole `impl` block, trait or module.
#![allow(clippy::needless_lifetimes, reason = "the long way to write a signature is a shape as well")]

use async_trait::async_trait;
use tachograph::timed;

use super::driver::{panic_of_future, work, work_later};

#[derive(Debug, PartialEq)]
struct Shop<T>(Vec<T>);

#[timed]
impl<T: Clone> Shop<T> {
    /// Not a function.
    const LIMIT: usize = 2;

    fn new(first: T) -> Self {
        work();
        Self(vec![first])
    }

    pub(super) fn sell(&mut self) -> Option<T> {
        work();
        self.0.pop()
    }

    async fn order(&mut self, item: T) -> Result<&mut T, T> {
        work_later().await;
        if self.0.len() >= Self::LIMIT {
            return Err(item);
        }
        self.0.push(item);
        Ok(self.0.last_mut().unwrap())
    }

    #[timed(name = "shop stock")]
    fn stock(&self) -> usize {
        work();
        self.uncounted() + self.constant()
    }

    #[timed(skip)]
    fn uncounted(&self) -> usize {
        self.0.len()
    }

    const fn constant(&self) -> usize {
        1
    }
}
shape!(sync function_of_an_impl as "Shop::new" => Ok, { assert_eq!(Shop::new(1).0, [1]) });
shape!(sync method_of_an_impl as "Shop::sell" => Ok, { assert_eq!(Shop(vec![1]).sell(), Some(1)) });
shape!(send async_method_of_an_impl as "Shop::order" => Error, {
    assert_eq!(Shop(vec![1, 2]).order(3).await, Err(3));
});
shape!(sync method_of_an_impl_with_a_name as "shop stock" => Ok, { assert_eq!(Shop(vec![1]).stock(), 2) });

trait Price {
    type Money;
    fn price(&self) -> Self::Money;
    fn parse(text: &str) -> Result<Self, std::num::ParseIntError>
    where
        Self: Sized;
    fn later(&self) -> impl Future<Output = u8> + Send;
}

#[timed]
impl<'a> Price for Shop<&'a str> {
    type Money = usize;

    fn price(&self) -> Self::Money {
        work();
        self.0.iter().map(|item| item.len()).sum()
    }

    fn parse(text: &str) -> Result<Self, std::num::ParseIntError> {
        work();
        let count: usize = text.parse()?;
        Ok(Self(vec!["a"; count]))
    }

    async fn later(&self) -> u8 {
        work_later().await;
        self.0.len() as u8
    }
}
shape!(sync method_of_a_trait_impl as "Shop::price" => Ok, { assert_eq!(Shop(vec!["ab"]).price(), 2) });
shape!(sync function_of_a_trait_impl as "Shop::parse" => Error, { assert!(Shop::parse("x").is_err()) });
shape!(send async_method_of_a_trait_impl as "Shop::later" => Ok, { assert_eq!(Shop(vec!["a"]).later().await, 1) });

#[timed(component = "greeting")]
trait Greets {
    const GREETING: &'static str;

    fn whom(&self) -> &str;

    fn greet(&self) -> String {
        work();
        format!("{} {}", Self::GREETING, self.whom())
    }

    async fn greet_later(&self) -> Result<String, u8> {
        work_later().await;
        Err(1)
    }

    #[timed(skip)]
    fn shout(&self) -> String {
        self.whom().to_uppercase()
    }
}

impl Greets for &str {
    const GREETING: &'static str = "hello";

    fn whom(&self) -> &str {
        self
    }
}
shape!(sync default_of_a_trait as "Greets::greet" => Ok, {
    assert_eq!(("a".greet(), "a".shout()), ("hello a".into(), "A".into()));
});
shape!(local async_default_of_a_trait as "Greets::greet_later" => Error, {
    assert_eq!("a".greet_later().await, Err(1));
});

#[timed]
mod module {
    use super::{work, work_later};

    pub(super) struct Till(pub(super) u8);

    impl Till {
        pub(super) fn open(&self) -> u8 {
            work();
            self.0
        }
    }

    pub(super) trait Counts {
        fn counted_in_a_trait(&self) -> u8 {
            work();
            1
        }
    }

    impl Counts for Till {}

    pub(super) fn function_of_a_module(number: u8) -> Option<u8> {
        work();
        inner::function_of_an_inner_module(number)
    }

    pub(super) async fn async_function_of_a_module(number: u8) -> Result<u8, u8> {
        work_later().await;
        Err(number)
    }

    pub(super) const fn constant_of_a_module() -> u8 {
        1
    }

    #[timed(skip)]
    pub(super) fn uncounted_of_a_module() -> u8 {
        constant_of_a_module()
    }

    macro_rules! makes {
        ($name:ident) => {
            pub(super) fn $name() -> u8 {
                2
            }
        };
    }
    makes!(made_in_a_module);

    mod inner {
        pub(super) fn function_of_an_inner_module(number: u8) -> Option<u8> {
            super::work();
            number.checked_sub(1)
        }
    }

    use tachograph::timed;
}
shape!(sync functions_of_a_module => [
    sync "function_of_a_module" => 1 x Ok,
    sync "function_of_an_inner_module" => 1 x Ok
], { assert_eq!(module::function_of_a_module(0), None) });
shape!(send async_function_of_a_module => Error, { assert_eq!(module::async_function_of_a_module(1).await, Err(1)) });
shape!(sync impl_of_a_module as "Till::open" => Ok, { assert_eq!(module::Till(3).open(), 3) });
shape!(sync trait_of_a_module as "Counts::counted_in_a_trait" => Ok, {
    use module::Counts as _;
    assert_eq!(module::Till(3).counted_in_a_trait(), 1);
});

#[async_trait]
trait Delivers {
    async fn below_async_trait(&self, text: &str) -> Result<usize, u8>;
    async fn above_async_trait(&mut self, number: u8) -> &mut u8;
    fn sync_beside_async_trait(&self) -> Option<u8>;
}

#[async_trait]
#[timed]
impl Delivers for u8 {
    async fn below_async_trait(&self, text: &str) -> Result<usize, u8> {
        work_later().await;
        if text.is_empty() { Err(*self) } else { Ok(text.len()) }
    }

    #[timed(name = "u8::renamed", component = "delivery")]
    async fn above_async_trait(&mut self, number: u8) -> &mut u8 {
        work_later().await;
        *self += number;
        self
    }

    fn sync_beside_async_trait(&self) -> Option<u8> {
        work();
        None
    }
}
shape!(send impl_below_async_trait as "u8::below_async_trait" => Error, {
    assert_eq!(1_u8.below_async_trait("").await, Err(1));
});
shape!(send renamed_below_async_trait as "u8::renamed" => Ok, { assert_eq!(*1_u8.above_async_trait(2).await, 3) });
shape!(sync sync_below_async_trait as "u8::sync_beside_async_trait" => Ok, {
    assert_eq!(1_u8.sync_beside_async_trait(), None);
});

#[timed]
#[async_trait]
impl Delivers for u16 {
    async fn below_async_trait(&self, text: &str) -> Result<usize, u8> {
        work_later().await;
        if text.is_empty() { Err(2) } else { Ok(text.len()) }
    }

    async fn above_async_trait(&mut self, _number: u8) -> &mut u8 {
        work_later().await;
        panic!("no byte in it")
    }

    #[timed(skip)]
    fn sync_beside_async_trait(&self) -> Option<u8> {
        None
    }
}
shape!(send impl_above_async_trait as "u16::below_async_trait" => Error, {
    assert_eq!(1_u16.below_async_trait("").await, Err(2));
});
shape!(send panic_above_async_trait as "u16::above_async_trait" => Panic, {
    assert_eq!(panic_of_future(1_u16.above_async_trait(1)).await, "no byte in it");
    assert_eq!(1_u16.sync_beside_async_trait(), None);
});

#[timed]
#[async_trait]
trait Calls: Sync {
    fn number(&self) -> u8;

    async fn default_above_async_trait(&self) -> Result<u8, u8> {
        work_later().await;
        Err(self.number())
    }
}

impl Calls for u8 {
    fn number(&self) -> u8 {
        *self
    }
}
shape!(send trait_above_async_trait as "Calls::default_above_async_trait" => Error, {
    let object: Box<dyn Calls + Send> = Box::new(3_u8);
    assert_eq!(object.default_above_async_trait().await, Err(3));
});

#[test]
fn what_is_left_out_is_not_counted() {
    assert_eq!(
        Shop(vec![1]).uncounted() + usize::from(module::uncounted_of_a_module() + module::made_in_a_module()),
        4
    );
    let left_out = [
        "uncounted",
        "constant",
        "shout",
        "uncounted_of_a_module",
        "made_in_a_module",
        "constant_of_a_module",
    ];
    for stats in tachograph::functions() {
        let name = stats.function().rsplit(':').next().unwrap();
        assert!(!left_out.contains(&name), "{name}");
    }
}
