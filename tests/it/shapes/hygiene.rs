//! Functions among names that generated code would fall over, did it name anything but its one door.
#![allow(
    clippy::too_many_arguments,
    dead_code,
    non_camel_case_types,
    non_upper_case_globals,
    unused_macros,
    unused_variables,
    reason = "names stand here only to be in the way"
)]

use super::driver::work;

/// Every name of the prelude and of the crates at hand is something else.
mod shadowed {
    use super::super::driver::{work, work_later};

    mod core {}
    mod std {}
    mod alloc {}
    mod tachograph {}
    mod tokio {}
    enum Option {}
    enum Result {}
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Box;
    struct Vec;
    struct String;
    struct Pin;
    struct CallSite;
    struct Outcome;
    trait Future {}
    trait Deref {}
    trait Drop {}
    trait Fn {}
    trait FnOnce {}
    trait Send {}
    trait Sized {}
    trait Judge {}
    trait Into {}
    fn drop() {}
    fn once() {}
    fn timed() {}
    fn record() {}
    macro_rules! concat {
        ($($any:tt)*) => {
            compile_error!("the wrong macro")
        };
    }
    macro_rules! module_path {
        ($($any:tt)*) => {
            compile_error!("the wrong macro")
        };
    }
    macro_rules! unreachable {
        ($($any:tt)*) => {
            compile_error!("the wrong macro")
        };
    }
    macro_rules! stringify {
        ($($any:tt)*) => {
            compile_error!("the wrong macro")
        };
    }

    #[::tachograph::timed]
    pub(super) fn among_shadows(number: u8) -> ::core::result::Result<u8, u8> {
        work();
        ::core::result::Result::Err(number)
    }

    #[::tachograph::timed]
    pub(super) async fn async_among_shadows(number: u8) -> ::core::result::Result<u8, u8> {
        work_later().await;
        ::core::result::Result::Err(number)
    }

    #[::tachograph::timed]
    pub(super) fn boxed_among_shadows(
        number: u8,
    ) -> ::core::pin::Pin<::std::boxed::Box<dyn ::core::future::Future<Output = u8>>> {
        ::std::boxed::Box::pin(async move {
            work_later().await;
            number
        })
    }

    #[::tachograph::timed]
    #[track_caller]
    pub(super) fn tracked_among_shadows(number: u8) -> ::core::result::Result<u8, u8> {
        work();
        ::core::result::Result::Err(number)
    }

    #[::tachograph::timed(err, slow = "60s", fields(number))]
    pub(super) fn arguments_among_shadows(number: u8) -> ::core::result::Result<u8, ::std::string::String> {
        work();
        ::core::result::Result::Err("failed".into())
    }
}
shape!(sync among_shadows => Error, { assert_eq!(shadowed::among_shadows(1), Err(1)) });
shape!(send async_among_shadows => Error, { assert_eq!(shadowed::async_among_shadows(1).await, Err(1)) });
shape!(local boxed_among_shadows => Ok, { assert_eq!(shadowed::boxed_among_shadows(1).await, 1) });
shape!(sync tracked_among_shadows => Error, { assert_eq!(shadowed::tracked_among_shadows(1), Err(1)) });
shape!(sync arguments_among_shadows => Error, { assert_eq!(shadowed::arguments_among_shadows(1), Err("failed".into())) });

mod without_prelude {
    #![no_implicit_prelude]

    #[::tachograph::timed]
    pub(super) fn prelude_less(number: u8) -> ::std::option::Option<u8> {
        super::work();
        ::std::option::Option::Some(number)
    }

    #[::tachograph::timed]
    pub(super) async fn async_prelude_less(number: u8) -> ::std::result::Result<u8, u8> {
        super::super::driver::work_later().await;
        ::std::result::Result::Err(number)
    }

    pub(super) struct Type(pub(super) u8);

    impl Type {
        #[::tachograph::timed]
        pub(super) fn prelude_less_method(&mut self, number: u8) -> &mut u8 {
            super::work();
            self.0 = number;
            &mut self.0
        }
    }
}
shape!(sync prelude_less => Ok, { assert_eq!(without_prelude::prelude_less(1), Some(1)) });
shape!(send async_prelude_less => Error, { assert_eq!(without_prelude::async_prelude_less(1).await, Err(1)) });
shape!(sync prelude_less_method => Ok, {
    let mut value = without_prelude::Type(0);
    *value.prelude_less_method(1) += 1;
    assert_eq!(value.0, 2);
});

#[tachograph::timed]
fn parameters_named_like_ours(
    call: u8,
    site: u8,
    output: u8,
    judge: u8,
    error: u8,
    argument_0: u8,
    guard: u8,
    body: u8,
) -> [u8; 8] {
    work();
    [call, site, output, judge, error, argument_0, guard, body]
}
shape!(sync parameters_named_like_ours => Ok, {
    assert_eq!(parameters_named_like_ours(1, 2, 3, 4, 5, 6, 7, 8), [1, 2, 3, 4, 5, 6, 7, 8]);
});

#[tachograph::timed]
async fn async_parameters_named_like_ours(
    (call, argument_1): (u8, u8),
    (output, argument_0): (u8, u8),
    _request: u8,
    future: u8,
) -> [u8; 6] {
    super::driver::work_later().await;
    [call, argument_1, output, argument_0, _request, future]
}
shape!(send async_parameters_named_like_ours => Ok, {
    assert_eq!(async_parameters_named_like_ours((1, 2), (3, 4), 5, 6).await, [1, 2, 3, 4, 5, 6]);
});

#[tachograph::timed]
#[track_caller]
fn tracked_parameters_named_like_ours(call: u8, output: u8) -> u8 {
    work();
    call + output
}
shape!(sync tracked_parameters_named_like_ours => Ok, { assert_eq!(tracked_parameters_named_like_ours(1, 2), 3) });

#[tachograph::timed]
fn generics_named_like_ours<S, F: FnOnce() -> T, T, Output: From<T>>(call: F, site: S) -> (Output, S) {
    work();
    (call().into(), site)
}
shape!(sync generics_named_like_ours => Ok, { assert_eq!(generics_named_like_ours::<_, _, u8, u16>(|| 1, 'a'), (1, 'a')) });

#[tachograph::timed]
async fn async_generics_named_like_ours<S, F: AsyncFnOnce() -> T, T, J: From<T>>(call: F, site: S) -> (J, S) {
    super::driver::work_later().await;
    (call().await.into(), site)
}
shape!(local async_generics_named_like_ours => Ok, {
    assert_eq!(async_generics_named_like_ours::<_, _, u8, u16>(async || 1, 'a').await, (1, 'a'));
});

/// Types named like the primitive ones.
mod primitives {
    pub(super) struct u8;
    pub(super) struct u32;
    pub(super) struct u64;
    pub(super) struct bool;
    pub(super) struct str;
    pub(super) struct usize;

    #[tachograph::timed(slow = "60s", buckets = ["1ms", "1s"], in_flight)]
    pub(super) fn among_primitives() -> u8 {
        super::work();
        u8
    }

    #[tachograph::timed]
    pub(super) async fn async_among_primitives() -> str {
        super::super::driver::work_later().await;
        str
    }
}
shape!(sync among_primitives => Ok, { let primitives::u8 = primitives::among_primitives(); });
shape!(send async_among_primitives => Ok, { let primitives::str = primitives::async_among_primitives().await; });

/// The crate under another name.
mod facade {
    pub(super) use ::tachograph as instruments;
    pub(super) mod tachograph {}

    #[instruments::timed(crate = crate::it::shapes::hygiene::facade::instruments)]
    pub(super) fn through_a_facade(number: u8) -> u8 {
        super::work();
        number
    }

    #[instruments::timed(crate = self::instruments)]
    pub(super) async fn async_through_a_facade(number: u8) -> u8 {
        super::super::driver::work_later().await;
        number
    }
}
shape!(sync through_a_facade => Ok, { assert_eq!(facade::through_a_facade(1), 1) });
shape!(send async_through_a_facade => Ok, { assert_eq!(facade::async_through_a_facade(1).await, 1) });
