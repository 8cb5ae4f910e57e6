//! Functions that a macro makes, whose parts come as fragments.

use tachograph::timed;

use super::driver::{panic_of, work, work_later};

macro_rules! from_names {
    ($($(#[$attribute:meta])* $visibility:vis fn $name:ident($parameter:ident: $type:ty) -> $output:ty = $value:expr;)*) => {
        $(
            $(#[$attribute])*
            $visibility fn $name($parameter: $type) -> $output {
                work();
                $value
            }
        )*
    };
}

from_names! {
    #[timed]
    /// The first.
    pub(super) fn from_fragments(number: u8) -> u8 = number + 1;

    #[timed]
    fn from_fragments_with_a_result(text: &str) -> Result<u8, std::num::ParseIntError> = text.parse();

    #[timed]
    fn from_fragments_with_a_question_mark(text: &str) -> Option<u8> = Some(text.parse::<u8>().ok()? + 1);
}
shape!(sync from_fragments => Ok, { assert_eq!(from_fragments(1), 2) });
shape!(sync from_fragments_with_a_result => Error, { assert!(from_fragments_with_a_result("x").is_err()) });
shape!(sync from_fragments_with_a_question_mark => Ok, { assert_eq!(from_fragments_with_a_question_mark("x"), None) });

macro_rules! from_a_block {
    ($name:ident, $parameter:ident: $type:ty, $output:ty, $body:block) => {
        #[timed]
        fn $name($parameter: $type) -> $output $body
    };
    (async $name:ident, $parameter:ident: $type:ty, $output:ty, $body:block) => {
        #[timed]
        async fn $name($parameter: $type) -> $output $body
    };
}

from_a_block!(block_as_a_body, number: u8, Result<u8, u8>, {
    work();
    if number > 1 {
        return Err(number);
    }
    Ok(number)
});
shape!(sync block_as_a_body => Error, { assert_eq!(block_as_a_body(2), Err(2)) });

from_a_block!(async async_block_as_a_body, text: &str, Result<u8, u8>, {
    work_later().await;
    let number = text.parse().map_err(|_| 7)?;
    Ok(number)
});
shape!(send async_block_as_a_body => Error, { assert_eq!(async_block_as_a_body("x").await, Err(7)) });

macro_rules! from_whole_items {
    ($($item:item)*) => { $(#[timed] $item)* };
}

from_whole_items! {
    fn whole_item(number: u8) -> u8 {
        work();
        number
    }

    async fn async_whole_item(number: &u8) -> &u8 {
        work_later().await;
        number
    }
}
shape!(sync whole_item => Ok, { assert_eq!(whole_item(1), 1) });
shape!(send async_whole_item => Ok, { assert_eq!(async_whole_item(&1).await, &1) });

macro_rules! from_tokens {
    ($($token:tt)*) => { #[timed] $($token)* };
}

from_tokens! {
    fn plain_tokens(number: u8) -> u8 {
        work();
        number
    }
}
shape!(sync plain_tokens => Ok, { assert_eq!(plain_tokens(1), 1) });

macro_rules! from_types {
    ($name:ident($pattern:pat, $type:ty) -> $output:ty, $value:expr, $lifetime:lifetime, $path:path) => {
        #[timed]
        fn $name<$lifetime>($pattern: $type, _: &$lifetime str) -> $output
        where
            $output: $path,
        {
            work();
            $value
        }
    };
}

from_types!(types_as_fragments((number, _), (u8, u8)) -> Vec<u8>, vec![number], 'a, std::fmt::Debug);
shape!(sync types_as_fragments => Ok, { assert_eq!(types_as_fragments((1, 2), ""), [1]) });

macro_rules! futures_from_types {
    ($name:ident, $output:ty) => {
        #[timed]
        fn $name(number: u8) -> $output {
            Box::pin(async move {
                work_later().await;
                number
            })
        }
    };
}

futures_from_types!(boxed_future_as_a_fragment, std::pin::Pin<Box<dyn Future<Output = u8> + Send>>);
shape!(send boxed_future_as_a_fragment => Ok, { assert_eq!(boxed_future_as_a_fragment(1).await, 1) });

macro_rules! impl_futures_from_types {
    ($name:ident, $output:ty) => {
        #[timed]
        fn $name(number: u8) -> $output {
            async move {
                work_later().await;
                Err(number)
            }
        }
    };
}

impl_futures_from_types!(impl_future_as_a_fragment, impl Future<Output = Result<(), u8>>);
shape!(send impl_future_as_a_fragment => Error, { assert_eq!(impl_future_as_a_fragment(1).await, Err(1)) });

macro_rules! result_from_a_type {
    ($name:ident, $output:ty, $value:expr) => {
        #[timed]
        async fn $name() -> $output {
            work_later().await;
            $value
        }
    };
}

result_from_a_type!(async_type_as_a_fragment, Result<Box<dyn Fn() -> u8 + Send>, ()>, Ok(Box::new(|| 1)));
shape!(send async_type_as_a_fragment => Ok, { assert_eq!(async_type_as_a_fragment().await.map(|call| call()), Ok(1)) });

macro_rules! methods {
    ($type:ident { $($self:ident.$field:tt $name:ident $body:block)* }) => {
        impl $type {
            $(#[timed] fn $name(&mut $self) -> &mut u8 $body)*
        }
    };
}

struct Made(u8);

methods!(Made {
    self.0 method_of_fragments {
        work();
        self.0 += 1;
        &mut self.0
    }
});
shape!(sync method_of_fragments => Ok, { assert_eq!(*Made(1).method_of_fragments(), 2) });

macro_rules! async_methods {
    ($type:ident { $($self:ident $name:ident $body:block)* }) => {
        impl $type {
            $(#[timed] async fn $name(&mut $self) -> &mut u8 $body)*
            $(#[allow(dead_code)] const _: &str = stringify!($name);)*
        }
    };
    ($type:ident by value { $self:ident $name:ident $body:block }) => {
        impl $type {
            #[timed]
            async fn $name($self) -> u8 $body
        }
    };
}

impl Made {
    #[expect(dead_code, reason = "it is one of those that the others stand beside")]
    const HERE: u8 = 0;
}

async_methods!(Made by value {
    self async_method_by_value_of_fragments {
        work_later().await;
        self.0
    }
});
shape!(send async_method_by_value_of_fragments => Ok, {
    assert_eq!(Made(1).async_method_by_value_of_fragments().await, 1);
});

macro_rules! named_by_literals {
    ($name:ident, $label:literal, $component:literal) => {
        #[timed(name = $label, component = $component)]
        fn $name() -> u8 {
            work();
            1
        }
    };
}

named_by_literals!(named_by_a_fragment, "a label from a fragment", "made");
shape!(sync named_by_a_fragment as "a label from a fragment" => Ok, { assert_eq!(named_by_a_fragment(), 1) });

/// The macro's own names and its caller's stay apart, also when an attribute stands between them.
macro_rules! names_apart {
    ($name:ident, $number:ident => $value:expr) => {
        #[timed]
        fn $name($number: u8) -> u8 {
            work();
            let number = 100;
            $value + number
        }
    };
}

names_apart!(hygienic_names, number => number + 1);
shape!(sync hygienic_names => Ok, { assert_eq!(hygienic_names(1), 102) });

macro_rules! panics_with {
    ($name:ident, $($message:tt)+) => {
        #[timed]
        fn $name() -> ! {
            work();
            panic!($($message)+)
        }
    };
}

panics_with!(panic_of_fragments, "{} of {}", "one", "two");
shape!(sync panic_of_fragments => Panic, { assert_eq!(panic_of(|| panic_of_fragments()), "one of two") });

#[rustfmt::skip]
macro_rules! declares_macros {
    ($dollar:tt, $name:ident) => {
        macro_rules! $name {
            ($dollar function:ident) => {
                #[timed]
                fn $dollar function() -> u8 {
                    work();
                    1
                }
            };
        }
    };
}

declares_macros!($, declared);
declared!(macro_of_a_macro);
shape!(sync macro_of_a_macro => Ok, { assert_eq!(macro_of_a_macro(), 1) });

macro_rules! calls_expressions {
    ($name:ident($($parameter:ident: $type:ty),* $(,)?) $call:expr) => {
        #[timed(fields($($parameter),*))]
        async fn $name($($parameter: $type),*) -> usize {
            work_later().await;
            $call
        }
    };
}

calls_expressions!(expressions_as_fields(text: &str, count: usize) text.len() * count);
shape!(send expressions_as_fields => Ok, { assert_eq!(expressions_as_fields("ab", 3).await, 6) });
