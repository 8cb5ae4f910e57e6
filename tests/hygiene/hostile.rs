// Every name that generated code could be tempted to use means something else here.
#![forbid(unsafe_code)]
#![deny(
    warnings,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    missing_docs,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]
#![allow(dead_code, unused_macros, non_camel_case_types, non_upper_case_globals, non_snake_case)]
//! A crate in which nothing means what it does elsewhere.

macro_rules! hostile {
    ($($name:ident)*) => {$(
        macro_rules! $name {
            ($d:tt) => {
                ::std::compile_error!("generated code called a macro of the user");
            };
        }
    )*};
}

/// Names of the prelude, of crates, of macros, of primitive types, and of all that the runtime has.
pub mod shadows {
    hostile!(
        concat module_path line file column stringify vec matches panic unreachable unimplemented todo assert
        assert_eq assert_ne debug_assert format format_args print println eprintln write writeln cfg env
        compile_error include_str thread_local
    );

    mod std {}
    mod core {}
    mod alloc {}
    mod tachograph {}
    mod tracing {}
    mod metrics {}

    struct Option;
    struct Some;
    struct None;
    struct Result;
    struct Ok;
    struct Err;
    struct Vec;
    struct String;
    struct Box;
    struct Pin;
    struct CallSite;
    struct Call;
    struct Outcome;
    struct Judge;
    struct Value;
    struct Context;
    struct Poll;
    struct str;
    struct bool;
    struct u64;
    struct f64;
    trait Fn {}
    trait FnMut {}
    trait FnOnce {}
    trait Future {}
    trait Iterator {}
    trait Into {}
    trait From {}
    trait Default {}
    trait Clone {}
    trait Copy {}
    trait Send {}
    trait Sync {}
    trait Drop {}
    trait Deref {}
    trait ToValue {}
    fn drop() {}
    fn timed() {}
    fn once() {}
    fn record() {}
    fn never() {}

    const a: () = ();
    const b: () = ();
    const e: () = ();
    const f: () = ();
    const x: () = ();
    const body: () = ();
    const call: () = ();
    const _call: () = ();
    const captured: () = ();
    const context: () = ();
    const error: () = ();
    const fields: () = ();
    const future: () = ();
    const guard: () = ();
    const judge: () = ();
    const label: () = ();
    const labels: () = ();
    const name: () = ();
    const outcome: () = ();
    const output: () = ();
    const _request: () = ();
    const result: () = ();
    const site: () = ();
    const started: () = ();
    const this: () = ();
    const value: () = ();
    const argument_0: () = ();
    const argument_1: () = ();
    static SITE: () = ();
    static CALL_SITE: () = ();
    static TACHOGRAPH_: () = ();

    /// A trait of all types whose methods have the names that generated code calls.
    trait Everything: Sized {
        fn outcome(self) {}
        fn output(self) {}
        fn measure(self) {}
        fn guarded(self) {}
        fn call(self) {}
        fn start(self) {}
        fn finish(self) {}
        fn failed(self) {}
        fn failure(self) {}
        fn describe(self) {}
        fn to_value(self) {}
        fn field(self) {}
        fn enter(self) {}
        fn scope(self) {}
        fn scope_made(self) {}
        fn clone(self) {}
        fn slow(self) {}
    }
    impl<T> Everything for T {}

    /// Nothing.
    #[::tachograph::timed]
    pub fn unit() {}

    /// A number.
    #[::tachograph::timed(name = "number", component = "hostile", slow = "1ms")]
    pub fn number(number: u32) -> u32 {
        number
    }

    /// A result.
    #[::tachograph::timed(fields(size = text.len(), %text, quoted = ?text), err)]
    pub fn parse(text: &::std::primitive::str) -> ::std::result::Result<u32, ::std::num::ParseIntError> {
        if text.is_empty() {
            return "empty".parse();
        }
        ::std::result::Result::Ok(text.parse()?)
    }

    /// A result, later.
    #[::tachograph::timed(fields(text), err(level = "warn"))]
    pub async fn parse_later(
        text: ::std::string::String,
        _: ::std::string::String,
        (left, right): (u32, u32),
    ) -> ::std::result::Result<u32, ::std::num::ParseIntError> {
        ::std::future::ready(()).await;
        if text.is_empty() {
            return "empty".parse();
        }
        let parsed: u32 = text.parse()?;
        ::std::result::Result::Ok(parsed + left + right)
    }

    /// A borrowed result, later.
    #[::tachograph::timed]
    pub async fn borrowed(left: &::std::primitive::str, right: &mut u32) -> usize {
        *right += 1;
        ::std::future::ready(()).await;
        left.len()
    }

    /// A future.
    #[::tachograph::timed]
    pub fn made(number: u32) -> impl ::std::future::Future<Output = u32> {
        ::std::future::ready(number)
    }

    /// A boxed future.
    #[::tachograph::timed]
    pub fn boxed(
        number: u32,
    ) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = u32> + ::std::marker::Send>> {
        ::std::boxed::Box::pin(::std::future::ready(number))
    }

    /// In a request.
    #[::tachograph::request_scoped]
    pub fn inherits() -> ::std::option::Option<::std::string::String> {
        ::tachograph::request_id()
    }

    /// In a request.
    #[::tachograph::request_scoped(id = header, fields(header))]
    pub fn scoped(header: &::std::primitive::str) -> ::std::option::Option<::std::string::String> {
        ::tachograph::request_id()
    }

    /// In a request.
    #[::tachograph::request_scoped(new)]
    #[::tachograph::timed]
    pub async fn scoped_later(number: u32) -> u32 {
        ::std::future::ready(number).await
    }

    /// A block.
    pub fn block(number: u32) -> u32 {
        ::tachograph::timed_block!("block", component = "hostile", { number + 1 })
    }

    /// Recorded.
    #[::tachograph::timed]
    pub fn records(number: u32) -> u32 {
        ::tachograph::record!(number, %number, double = number + number);
        number
    }

    /// All functions of a block.
    pub struct Store;

    #[::tachograph::timed(component = "hostile")]
    impl Store {
        /// One.
        pub fn one(&self) -> u32 {
            1
        }

        /// Two.
        pub async fn two(self) -> u32 {
            ::std::future::ready(2).await
        }
    }
}

/// Names that only parameters have.
pub mod parameters {
    /// Parameters with the names of whatever is generated.
    #[::tachograph::timed(fields(output, call, site))]
    pub async fn parameters(
        output: ::std::string::String,
        call: u32,
        site: u32,
        future: ::std::string::String,
    ) -> usize {
        ::std::future::ready(()).await;
        output.len() + future.len() + (call + site) as usize
    }
}

/// Nothing is in scope here.
pub mod bare {
    #![no_implicit_prelude]

    /// A result.
    #[::tachograph::timed(fields(size = text.len()), err, slow = "never")]
    pub fn bare_parse(text: &str) -> ::std::result::Result<u32, ::std::num::ParseIntError> {
        ::std::result::Result::Ok(text.parse()?)
    }

    /// A result, later.
    #[::tachograph::timed(fields(text), err)]
    pub async fn bare_parse_later(
        text: ::std::string::String,
    ) -> ::std::result::Result<u32, ::std::num::ParseIntError> {
        ::std::future::ready(()).await;
        text.parse()
    }

    /// In a request.
    #[::tachograph::request_scoped]
    pub fn bare_request(number: u32) -> u32 {
        number
    }
}
